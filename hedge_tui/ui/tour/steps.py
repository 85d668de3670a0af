"""The ten steps, and what shows that each was done."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hedge_tui.ui.tour.sight import Sight

Done = Callable[["Sight", "Sight"], bool]
"""(the desk at the look before, the desk now) -> whether the step was done in between."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step.

    Attributes:
        title: two or three words. text: what it is about, one sentence. task: what to do, with the keys.
        done: None for a step that is only read.
    """

    title: str
    text: str
    task: str
    done: Done | None = None


STEPS = (
    Step(
        "The top lines",
        "They say which money this is, which account is active, what the desk is worth, what today brought"
        " and how close the nearest liquidation is.",
        "Read them, then press N. Nothing here is real money on a practice desk.",
    ),
    Step(
        "Another market",
        "A letter leads to each pane; tab goes around, z zooms, / filters.",
        "Press w for the markets, move down, enter: chart, book and trades follow.",
        lambda was, now: now.instrument != was.instrument,
    ),
    Step(
        "The chart",
        "Arrows move the cross-hair, + and - zoom, home loads older candles; ind adds an indicator.",
        "Press ] or [ for longer or shorter candles.",
        lambda was, now: now.timeframe != was.timeframe,
    ),
    Step(
        "An account",
        "A line without @ works on the active account, and on no other.",
        "Press @, type desk-1, enter.",
        lambda was, now: bool(now.scope) and (now.scope != was.scope or now.scope == "desk-1"),
    ),
    Step(
        "The first order",
        "The preview shows every order before anything leaves: quantity, price, fee, margin. Escape sends"
        " nothing.",
        "Press : and type  buy 500usd BTC.p  then enter; read the preview; enter again.",
        lambda was, now: now.positions > was.positions,
    ),
    Step(
        "Many accounts at once",
        "A scope before the verb sends one line to many accounts; /each gives every one the full size.",
        "Type  @desk-2,desk-3 buy 300usd/each ETH.p  and confirm.",
        lambda was, now: now.holders > was.holders or now.positions >= was.positions + 2,
    ),
    Step(
        "A resting order",
        "Prices may be words: bid, ask, mid, with -2t, +5bp or -1%. Post-only orders end in post.",
        "Type  buy 0.01btc BTC.p at bid-1%  and confirm; it stands in Orders and on the chart.",
        lambda was, now: now.orders > was.orders,
    ),
    Step(
        "Take it back",
        "Keys on a row write the line for you, with the same preview: x cancels, a amends, c closes.",
        "Press o for the orders, x on your order, enter.",
        lambda was, now: now.orders < was.orders,
    ),
    Step(
        "When it gets hot",
        "ctrl+k cancels all entries on all accounts and keeps protective stops; `hedge panic` does it without"
        " this screen, even when the engine hangs.",
        "Press ctrl+k, read it, and leave it with escape (or go through with it).",
        lambda _, now: now.dialog == "PanicDialog",
    ),
    Step(
        "The rest",
        "? explains the pane you are in, H all commands and keys. ctrl+q closes this screen; engine and"
        " orders go on without it.",
        "Press ? or H. This tour comes again with :tour",
        lambda _, now: now.screen == "help" or now.dialog == "ReaderDialog",
    ),
)
