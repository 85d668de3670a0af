"""The two lines on top of every screen: where the trader is, what kind of money it is, how it goes.

Their colour is that of the money's kind (the bottom line has it too, so that they frame the screen); the word
stands beside it. The composition is a pure function, tested for every width.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.content import Content
from textual.widget import Widget

from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.inert import inert

if TYPE_CHECKING:
    from hedge_tui.ui.armed_sign import ArmedSign

NEAR_PCT = 10.0
"""A liquidation nearer than this is shown as a danger."""
FAR_PCT = 100.0
"""From here on its exact distance says nothing."""
MINUTE_NS = 60_000_000_000
EXTRAS = 2
"""Blocks at the end of the second line that go before words are shortened."""
Piece = tuple[str, str]
"""Text and style."""


@dataclass(frozen=True, slots=True)
class Figures:
    """What the status lines say.

    Attributes:
        modes: words such as ("live",), most dangerous first. scope: "" for none.
        screens: (title, active) of each screen; the first letter is its key.
        currency: of all money. unknown: orders without an answer. clock_ns: UTC.
        liquidation_pct: distance of the nearest liquidation; liquidation: whose position that is.
        funding_next: sum of the next payments, > 0 is received; funding_next_ns: when the first is due.
        unprotected: positions without a stop.
        link: word for the connection, and whether it stands. trading: holds the lock.
        armed: the envelope in force.
        stops: (venue, word, seconds left) of what a venue ordered: "BANNED" or "paused"; the longest first.
        held: "HALTED the desk +2": what lets no orders through, "" for nothing.
    """

    modes: tuple[str, ...] = ()
    scope: str = ""
    screens: tuple[tuple[str, bool], ...] = ()
    currency: str = ""
    equity: float = math.nan
    pnl_today: float = math.nan
    unrealized: float = math.nan
    exposure: float = math.nan
    liquidation_pct: float = math.nan
    liquidation: str = ""
    funding_next: float = math.nan
    funding_next_ns: int = 0
    positions: int = 0
    unprotected: int = 0
    unknown: int = 0
    orders: int = 0
    clock_ns: int = 0
    link: str = "connecting"
    linked: bool = False
    trading: bool = False
    locked: bool = False
    armed: ArmedSign | None = None
    stops: tuple[tuple[str, str, int], ...] = ()
    held: str = ""


def mode_name(figures: Figures) -> str:
    """The theme colour of the frame: armed, or else the most dangerous mode in scope."""
    if figures.armed is not None and figures.armed.mine:
        return "mode-armed"
    return f"mode-{figures.modes[0]}" if figures.modes else "mode-none"


def _signed(value: float, digits: int = 2) -> str:
    return terminal_glyphs().blank if math.isnan(value) else f"{value:+,.{digits}f}"


def _money(label: str, value: float, *, signed: bool = True, digits: int = 2) -> list[Piece]:
    text = _signed(value, digits) if signed else _signed(value, digits).lstrip("+")
    color = ""
    if signed and not math.isnan(value) and value:
        color = "$text-success" if value > 0 else "$text-error"
    return [(f"{label} ", "$foreground 60%"), (text, f"bold {color}".strip()), ("   ", "")]


def _left(figures: Figures, *, short: bool = False) -> list[Piece]:
    words = " + ".join(mode.upper() for mode in figures.modes) or "NO ACCOUNT"
    scope = (
        f"@{inert(figures.scope)}"
        if figures.scope
        else "no account: @"
        if short
        else "no account chosen: press @"
    )
    armed: list[Piece] = []
    if (sign := figures.armed) is not None:
        armed = [(f" {sign.short if short else sign.words} ", "bold reverse"), ("  ", "")]
    return [(f" {words} ", "bold reverse"), ("  ", ""), *armed, (scope, "bold"), ("  ", "")]


def _tabs(figures: Figures, *, short: bool) -> list[Piece]:
    found: list[Piece] = []
    for title, active in figures.screens:
        style = "bold reverse" if active else ""
        shown = title[:1] if short else title
        found += [(" ", style), (shown[:1], f"{style} underline bold".strip()), (f"{shown[1:]} ", style)]
    return found


def _right(figures: Figures, *, short: bool) -> list[Piece]:
    lock = ("vault locked", "bold $text-warning") if figures.locked else ("", "")
    if not figures.linked:
        state: Piece = (figures.link, "bold $text-error")
    elif figures.trading:
        state = ("trading", "bold")
    else:
        state = ("read-only: F9" if short else "read-only: F9 takes over", "bold $text-warning")
    clock = time.strftime("%H:%M:%S", time.gmtime(figures.clock_ns // 1_000_000_000)) + (
        "" if short else " UTC"
    )
    pieces = [lock, ("  ", "")] if lock[0] else []
    return [*pieces, state, ("  ", ""), (clock, ""), (" ", "")]


def _second(figures: Figures, *, short: bool) -> list[list[Piece]]:
    """Blocks of the second line, the most important first."""
    unknown: list[Piece] = []
    if figures.unknown:
        unknown = [(f" {figures.unknown} UNKNOWN ", "bold reverse $text-warning"), ("  ", "")]
    unit = "" if short or math.isnan(figures.equity) else f" {figures.currency}"
    return [
        [(" ", "")],
        _held(figures),
        unknown,
        _stops(figures, short=short),
        [
            *_money("Equity", figures.equity, signed=False)[:-1],
            (f"{unit}   ", "$foreground 60%"),
        ],
        _money("Today", figures.pnl_today),
        _money("Net" if short else "Net delta", figures.exposure, digits=0),
        _liquidation(figures, short=short),
        _funding(figures, short=short),
        _unprotected(figures, short=short),
        _money("Unrealized", figures.unrealized),
        [("Working ", "$foreground 60%"), (str(figures.orders), "bold"), ("   ", "")],
    ]


def _held(figures: Figures) -> list[Piece]:
    """What lets no orders through."""
    if not figures.held:
        return []
    color = "$text-error" if figures.held.startswith("HALTED") else "$text-warning"
    return [(f" {inert(figures.held)} ", f"bold reverse {color}"), ("  ", "")]


def _liquidation(figures: Figures, *, short: bool) -> list[Piece]:
    if not figures.positions:
        return []
    far = figures.liquidation_pct
    label: Piece = ("Liq " if short else "Liquidation ", "$foreground 60%")
    if math.isnan(far) or far >= FAR_PCT:
        return [label, ("none near", "bold"), ("   ", "")]
    style = "bold $text-error" if far < NEAR_PCT else "bold"
    whose = "" if short else f" off {inert(figures.liquidation)}"
    return [label, (f"{far:.1f} %", style), (whose, ""), ("   ", "")]


def _funding(figures: Figures, *, short: bool) -> list[Piece]:
    if math.isnan(figures.funding_next) or not figures.funding_next_ns:
        return []
    minutes = max(0, (figures.funding_next_ns - figures.clock_ns) // MINUTE_NS)
    pieces = _money("Funding", figures.funding_next)[:-1]
    return [*pieces, (f" in {minutes // 60}:{minutes % 60:02d}{'' if short else ' h'}   ", "$foreground 60%")]


def _stops(figures: Figures, *, short: bool) -> list[Piece]:
    """What no request is sent to now; a ban is told even where a pause would not be."""
    if not figures.stops:
        return []
    venue, word, left = figures.stops[0]
    more = f" +{len(figures.stops) - 1}" if len(figures.stops) > 1 else ""
    color = "$text-error" if word == "BANNED" else "$text-warning"
    return [
        (f" {inert(venue)} {word} {left} s{more if not short else ''} ", f"bold reverse {color}"),
        ("  ", ""),
    ]


def _unprotected(figures: Figures, *, short: bool) -> list[Piece]:
    if not figures.unprotected:
        return []
    of = "" if short else f" of {figures.positions}"
    words = f"{figures.unprotected}{of} without a stop"
    return [(words, "bold $text-warning"), ("   ", "")]


def _length(pieces: list[Piece]) -> int:
    return sum(len(text) for text, _ in pieces)


def status_lines(figures: Figures, width: int) -> tuple[Content, Content]:
    """Both lines, cut to `width` cells by leaving out what matters least."""
    first: list[Piece] = []
    for short in (False, True):
        left, tabs, right = (
            _left(figures, short=short),
            _tabs(figures, short=short),
            _right(figures, short=short),
        )
        space = width - _length(left) - _length(tabs) - _length(right)
        first = [*left, *tabs, (" " * max(1, space), ""), *right]
        if space >= 1:
            break
    else:
        left = _left(figures, short=True)
        first = [*left, (" " * max(1, width - _length(left) - _length(right)), ""), *right]
    second: list[Piece] = []
    for short in (False, True):
        blocks = _second(figures, short=short)
        if _length([piece for block in blocks[:-EXTRAS] for piece in block]) <= width:
            break
    for block in blocks:
        if _length(second) + len("".join(text for text, _ in block).rstrip()) <= width:
            second += block
    return Content.assemble(*first), Content.assemble(*second)


class StatusBar(Widget):
    """The status lines of a screen; the app writes `figures`."""

    DEFAULT_CSS = """
    StatusBar { dock: top; height: 2; width: 1fr; background: $panel; color: $foreground; }
    StatusBar > .status-bar--mode { background: $mode-none; color: white; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._figures = Figures()
        self._lines: tuple[Content, Content] | None = None

    @property
    def figures(self) -> Figures:
        """As shown."""
        return self._figures

    @figures.setter
    def figures(self, figures: Figures) -> None:
        if figures != self._figures:
            self._figures = figures
            self.refresh()

    def render(self) -> Content:
        """Two lines; the first in the colour of the money's kind."""
        width = self.size.width
        first, second = status_lines(self._figures, width)
        head = first.truncate(width, ellipsis=False).pad_right(max(0, width - first.cell_length))
        head = head.stylize_before(f"white on ${mode_name(self._figures)}")
        return Content("\n").join([head, second.truncate(width, ellipsis=False)])
