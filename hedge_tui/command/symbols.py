"""Decides which instrument a typed symbol means, or says why it cannot be told.

`BTC` and `BTC.p` are completed by the venue of the account that trades; nothing ever moves to another venue
unless the symbol says so. When two markets fit, both are named and none is chosen.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

from hedge_tui.command.refusal import shown
from hedge_tui.command.symbol_index import KIND_WORDS, SymbolIndex, kind_letter
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from hedge_tui.command.ast.line import Span
    from hedge_tui.domain.instrument import Instrument, InstrumentId

QUOTES = ("USDT", "USD", "USDC", "EUR")
"""Which quote completes a symbol that names none, best first."""


@dataclass(frozen=True, slots=True)
class Resolved:
    """The symbol means this instrument."""

    instrument: Instrument

    @property
    def id(self) -> InstrumentId:
        """The instrument's id."""
        return self.instrument.id


@dataclass(frozen=True, slots=True)
class Ambiguous:
    """The symbol fits several instruments.

    Attributes:
        text: as typed.
        candidates: what it fits, in the order of the instruments' list.
        readings: for each candidate, what to type to mean it, and what it is.
    """

    text: str
    candidates: tuple[InstrumentId, ...]
    readings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """The symbol fits nothing on the venue.

    Attributes:
        text: as typed. venue: where it was looked for; "" for everywhere.
        nearest: up to three that look like it, as they would be typed.
        elsewhere: instruments of other venues that it would fit; never chosen.
    """

    text: str
    venue: str
    nearest: tuple[str, ...]
    elsewhere: tuple[InstrumentId, ...] = ()


Resolution = Resolved | Ambiguous | Unknown


@dataclass(frozen=True, slots=True)
class _Asked:
    """A typed symbol taken apart, lower case."""

    venue: str | None
    name: str
    kind: str


def resolve_symbol(
    text: str,
    instruments: SymbolIndex | Iterable[Instrument],
    active_venue: str | None,
    quotes: Sequence[str] = QUOTES,
) -> Resolution:
    """Find the instrument that `text` means.

    Args:
        text: `BTC`, `BTC.p`, `BTC/USDT`, `BTC/USDC.p`, `BTCUSDT`, `binanceusdm:BTC/USDT:USDT`; in any case.
        instruments: of the whole desk; an index when more than one symbol is looked up.
        active_venue: venue id of the account that trades; None looks at every venue.
        quotes: which quote completes a symbol without one, best first.

    Returns:
        Resolved, Ambiguous or Unknown. Spot, perpetual and inverse are never chosen between; among quotes
        the first of `quotes` that the venue has is.
    """
    index = instruments if isinstance(instruments, SymbolIndex) else SymbolIndex(instruments)
    asked = _take_apart(text, index)
    venue = asked.venue or (active_venue.casefold() if active_venue else None)
    found = _find(index, asked, venue)
    if len(found) > 1:
        found = _one_quote(found, asked, quotes)
    if len(found) == 1:
        return Resolved(found[0])
    if found:
        readings = tuple(_reading(one, index, venue, quotes) for one in found)
        return Ambiguous(text, tuple(one.id for one in found), readings)
    elsewhere = [] if venue is None else _find(index, _Asked(None, asked.name, asked.kind), None)
    return Unknown(text, venue or "", _nearest(index, asked, venue), tuple(one.id for one in elsewhere[:3]))


def symbol_error(result: Ambiguous | Unknown, span: Span) -> CommandError:
    """Put a failed resolution in words, at the symbol's span."""
    if isinstance(result, Ambiguous):
        return CommandError(
            f"{shown(result.text)} could be {len(result.candidates)} instruments",
            span,
            f"write {result.readings[0].partition(' ')[0]}",
            result.readings,
        )
    where = f" on {result.venue}" if result.venue else ""
    hints = [f"nearest: {', '.join(result.nearest)}"] if result.nearest else []
    if result.elsewhere:
        hints.append(f"it exists as {', '.join(result.elsewhere)}")
    return CommandError(f"there is no {shown(result.text)}{where}", span, "; ".join(hints))


def _take_apart(text: str, index: SymbolIndex) -> _Asked:
    name, venue, kind = text.casefold(), None, ""
    head, colon, rest = name.partition(":")
    if colon and rest and head in index.venues:
        venue, name = head, rest
    stem, dot, letter = name.rpartition(".")
    if dot and stem and letter in {"s", "p", "i"}:
        name, kind = stem, letter
    return _Asked(venue, name, kind)


def _find(index: SymbolIndex, asked: _Asked, venue: str | None) -> list[Instrument]:
    if venue is not None:
        names = index.venues.get(venue)
        return names.find(asked.name, asked.kind) if names is not None else []
    return [one for names in index.venues.values() for one in names.find(asked.name, asked.kind)]


def _one_quote(found: list[Instrument], asked: _Asked, quotes: Sequence[str]) -> list[Instrument]:
    """Narrow several quotes of one kind at one venue down to the preferred one."""
    same = {(one.venue, kind_letter(one)) for one in found}
    if len(same) > 1 or "/" in asked.name:
        return found
    for quote in quotes:
        preferred = [one for one in found if one.quote.upper() == quote]
        if preferred:
            return preferred
    return found


def _reading(one: Instrument, index: SymbolIndex, venue: str | None, quotes: Sequence[str]) -> str:
    """Return the shortest text that means exactly `one`, and what it is."""
    letter = kind_letter(one)
    what = f"({one.id}, {KIND_WORDS[letter]})"
    forms = [one.symbol]
    if letter:
        forms = [f"{one.base}.{letter}", f"{one.base}/{one.quote}.{letter}", one.symbol]
    for form in forms if venue is not None else []:
        asked = _take_apart(form, index)
        found = _one_quote(_find(index, asked, venue), asked, quotes)
        if len(found) == 1 and found[0].id == one.id:
            return f"{form} {what}"
    return f"{one.id} {what}"


def _nearest(index: SymbolIndex, asked: _Asked, venue: str | None) -> tuple[str, ...]:
    """Names that look like what was typed, with the same kind letter; venues when one was misspelt."""
    head, colon, rest = asked.name.partition(":")
    if colon and "/" not in head and (venues := get_close_matches(head, index.venues, n=3)):
        return tuple(f"{name}:{rest.upper()}" for name in venues)
    names: dict[str, str] = {}
    for where, held in index.venues.items():
        if venue is None or where == venue:
            names |= held.names_like(asked.name)
    close = get_close_matches(asked.name, names, n=3, cutoff=0.3)
    suffix = f".{asked.kind}" if asked.kind and "/" not in asked.name else ""
    return tuple(names[low] + suffix for low in close)
