"""The file that paper accounts of one venue live in between two starts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Protocol

from adapters.paper_accounts.image import VenueImage, decode_image, encode_image
from hedge_tui.config.paths import make_private_folder, write_private_file

if TYPE_CHECKING:
    from pathlib import Path


class StateFile(Protocol):
    """Where the image of a paper venue is kept."""

    def load(self) -> VenueImage | None:
        """The newest image, or None before the first.

        Raises:
            StoreError: there is one, and it cannot be read.
        """
        ...

    async def save(self, image: VenueImage) -> None:
        """Keep `image` in place of the one before; it is durable when this returns.

        Raises:
            OSError: it is not; the one before is still whole.
        """
        ...


class DiskFile:
    """A JSON file of mode 0600 in a folder of mode 0700."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self) -> VenueImage | None:
        """See `StateFile.load`."""
        try:
            data = self.path.read_bytes()
        except FileNotFoundError:
            return None
        return decode_image(data, str(self.path))

    async def save(self, image: VenueImage) -> None:
        """Written under a temporary name, synced, renamed; off the loop."""
        await asyncio.to_thread(self.write, image)

    def write(self, image: VenueImage) -> None:
        """The same at once, for tools."""
        make_private_folder(self.path.parent)
        write_private_file(self.path, encode_image(image))
