"""The instruments of the last run: a restart knows grids and contract sizes before a venue answers."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

import msgspec

from hedge_tui.domain.instrument import Instrument

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

log = logging.getLogger(__name__)


def instruments_file(data_dir: Path) -> Path:
    """Where they are."""
    return data_dir / "instruments.json"


def read_instruments(path: Path) -> list[Instrument]:
    """What the last run knew; nothing when there is no file or it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[Instrument])
    except FileNotFoundError:
        return []
    except (OSError, msgspec.MsgspecError) as error:
        log.warning("%s is left out: %s", path, error)
        return []


def write_instruments(path: Path, instruments: Iterable[Instrument]) -> None:
    """Keep them; written aside and renamed, so that a crash leaves the old file."""
    aside = path.with_suffix(".new")
    try:
        aside.write_bytes(msgspec.json.encode(list(instruments)))
        os.replace(aside, path)  # noqa: PTH105 - one atomic step on both systems
    except OSError as error:
        log.warning("%s was not written: %s", path, error)
