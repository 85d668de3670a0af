"""What the sandbox consists of: two venues, one clock, one ledger, the armed faults. Built by `serve`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from adapters.sandbox.clock import SandboxClock
    from adapters.sandbox.faults import FaultBoard
    from adapters.sandbox.ledger import Ledger
    from adapters.sandbox.options import SandboxOptions
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.signing import Keyring


@dataclass(slots=True)
class World:
    """Everything a request may touch.

    Attributes:
        moving: whether prices move by themselves; the control port holds them still for a test.
    """

    options: SandboxOptions
    clock: SandboxClock
    ledger: Ledger
    faults: FaultBoard
    keyring: Keyring
    spot: ServedVenue
    usdm: ServedVenue
    moving: bool = True

    def venue_for(self, path: str) -> ServedVenue | None:
        """The venue that serves a REST path; None for a path of neither."""
        head = path.split("/", 2)[1] if path.startswith("/") else ""
        if head in ("api", "sapi", "dapi"):
            return self.spot
        return self.usdm if head in ("fapi", "futures") else None

    def venue_named(self, name: str) -> ServedVenue:
        """The venue by the name used in control calls: `binance` or `binanceusdm`.

        Raises:
            KeyError: another name.
        """
        return {self.spot.name: self.spot, self.usdm.name: self.usdm}[name]

    def venues(self) -> tuple[ServedVenue, ServedVenue]:
        """Both."""
        return (self.spot, self.usdm)
