"""Instruments by every name a trader may type for them; built once per list of instruments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from hedge_tui.domain.instrument import Instrument

KIND_WORDS = {"s": "spot", "p": "perpetual", "i": "inverse perpetual", "": "dated"}
"""What the letter after the dot means; "" for what has no letter."""


def kind_letter(instrument: Instrument) -> str:
    """Return s for spot, p for a linear perpetual, i for an inverse one, "" for dated contracts."""
    if instrument.kind is InstrumentKind.SPOT:
        return "s"
    if instrument.kind is InstrumentKind.PERPETUAL:
        return "i" if instrument.inverse else "p"
    return ""


@dataclass(frozen=True, slots=True)
class VenueNames:
    """The instruments of one venue; all keys in lower case.

    Attributes:
        symbols: by unified symbol. raw: by the venue's own name.
        bases: by base asset, pairs: by base/quote; both without dated contracts.
    """

    symbols: dict[str, list[Instrument]] = field(default_factory=dict)
    raw: dict[str, list[Instrument]] = field(default_factory=dict)
    bases: dict[str, list[Instrument]] = field(default_factory=dict)
    pairs: dict[str, list[Instrument]] = field(default_factory=dict)

    def add(self, instrument: Instrument) -> None:
        """File one instrument under all its names."""
        self.symbols.setdefault(instrument.symbol.casefold(), []).append(instrument)
        self.raw.setdefault(instrument.venue_symbol.casefold(), []).append(instrument)
        if kind_letter(instrument):
            base = instrument.base.casefold()
            self.bases.setdefault(base, []).append(instrument)
            self.pairs.setdefault(f"{base}/{instrument.quote.casefold()}", []).append(instrument)

    def find(self, name: str, kind: str) -> list[Instrument]:
        """Instruments that `name` (lower case) may mean; `kind` is s, p, i or "" for any.

        A full unified symbol, or a raw id that is no asset's name, is found as it is; dated contracts
        only in these two ways.
        """
        if not kind and name in self.symbols:
            return self.symbols[name]
        if ":" in name:
            found = self.symbols.get(name, [])
        elif "/" in name:
            found = self.pairs.get(name, [])
        else:
            found = self.bases.get(name) or self.raw.get(name, [])
        matching = [one for one in found if not kind or kind_letter(one) == kind]
        return [one for one in matching if one.active] or matching

    def names_like(self, name: str) -> dict[str, str]:
        """Names of the same form as `name`, lower case, with their usual spelling."""
        if "/" in name:
            return {low: found[0].symbol for low, found in self.symbols.items()}
        names = {low: found[0].venue_symbol for low, found in self.raw.items()}
        return names | {low: found[0].base for low, found in self.bases.items()}


class SymbolIndex:
    """Every instrument of the desk, by venue and name.

    Attributes:
        venues: venue id in lower case to its names.
    """

    __slots__ = ("venues",)

    def __init__(self, instruments: Iterable[Instrument]) -> None:
        self.venues: dict[str, VenueNames] = {}
        for instrument in instruments:
            self.venues.setdefault(instrument.venue.casefold(), VenueNames()).add(instrument)

    def words(self, active_venue: str | None) -> tuple[str, ...]:
        """What can be typed as a symbol: short forms of the active venue, ids of the others."""
        words: list[str] = []
        for venue, names in self.venues.items():
            if active_venue is not None and venue == active_venue.casefold():
                for found in names.bases.values():
                    words += dict.fromkeys(f"{one.base}.{kind_letter(one)}" for one in found)
                words += [found[0].symbol for found in names.symbols.values()]
            else:
                words += [found[0].id for found in names.symbols.values()]
        return tuple(words)
