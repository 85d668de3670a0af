"""Orders at work, finished orders, fills and runs."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import (
    STATES,
    clock,
    count,
    digits,
    money,
    nonzero,
    price,
    quantity,
    side,
    sum_of,
    text,
    word,
)
from hedge_tui.ui.columns.spec import Row, TableSpec
from hedge_tui.ui.widgets.glyphs import terminal_glyphs
from hedge_tui.ui.widgets.live_table import Column, Sort

FINISHED = frozenset({"filled", "cancelled", "rejected", "expired", "denied", "absent"})
BAR_CELLS = 12
_MEANINGS = {
    "row": "number to use in a line: cancel #3",
    "distance_pct": "how far the order's price is from the last trade",
    "status": "sending, live, partial; unknown: no answer yet, it is looked up and never sent again",
    "flags": "long or short in hedge mode, post, ioc, fok, gtd, reduce, close-position, trail;"
    " @: the price that sets a stop off; cancelling: a cancel is on its way",
    "origin": "who gave the line: keyboard, cli, panic",
    "id": "of the run: the confirmed line that the order belongs to",
}


def _row_text(row: Row) -> str:
    return f"#{row['row']}" if row["row"] else ""


def _status(row: Row) -> str:
    return str(row["status"]).replace("_", " ")


def _kind(row: Row) -> str:
    words = str(row["type"]).replace("take_profit", "target").replace("trailing_stop", "trail")
    return " ".join(words.replace("_market", "").replace("_limit", " lmt").split("_"))


def _run(row: Row) -> str:
    return str(row["run"])[:6]


def _at(row: Row) -> float:
    """Limit price, else the trigger."""
    own = row["price"]
    return float(own if own == own else row["trigger_price"])  # noqa: PLR0124 - NaN


def _words() -> dict[str, object]:
    return {key.replace("_", " "): tint for key, tint in STATES.items()}


_COMMON = (
    text("number", "#", 5),
    text("account", "Account", 9),
    text("symbol", "Symbol", 14),
    side(),
    text("kind", "Type", 7),
)
_DERIVED = {"number": _row_text, "id": _run, "state": _status, "kind": _kind, "at": _at}
ORDERS = TableSpec(
    topic="orders",
    title="Orders",
    target="order",
    columns=(
        *_COMMON,
        price("at", "Price", 10),
        quantity("quantity", "Quantity", 9),
        quantity("filled", "Filled", 8),
        word("state", "Status", 9, _words()),  # type: ignore[arg-type]
        Column(key="distance_pct", label="Away %", width=7, signed=True),
        money("notional", "Notional", 12),
        text("flags", "Flags", 10),
        clock("created_ns", "Since"),
        text("venue", "Venue", 12),
        text("origin", "Origin", 9),
        text("id", "Run", 6),
        digits("digits"),
        digits("lots"),
    ),
    derived=_DERIVED,
    keep=lambda row: row["status"] not in FINISHED,
    fixed=1,
    sort=Sort("created_ns", descending=True),
    empty="No working orders. Type : then  buy 0.01btc BTC.p at bid-1%",
    meanings=_MEANINGS,
)
FINISHED_ORDERS = TableSpec(
    topic="orders",
    title="Finished",
    target="finished",
    columns=(
        *_COMMON,
        price("at", "Price"),
        price("average_price", "Average"),
        quantity("quantity", "Quantity", 10),
        quantity("filled", "Filled", 10),
        word("state", "Status", 10, _words()),  # type: ignore[arg-type]
        clock("updated_ns", "At"),
        Column(key="reason", label="Reason", width=24, kind=text("", "", 1).kind, stretch=True),
        text("origin", "Origin", 9),
        text("id", "Run", 6),
        digits("digits"),
        digits("lots"),
    ),
    derived=_DERIVED,
    keep=lambda row: row["status"] in FINISHED,
    sort=Sort("updated_ns", descending=True),
    empty="No order has finished yet",
    meanings=_MEANINGS | {"reason": "in the venue's or the risk gate's words"},
)
FILLS = TableSpec(
    topic="fills",
    title="Fills",
    columns=(
        clock("venue_ns", "Time", 12),
        text("account", "Account", 10),
        text("symbol", "Symbol", 14),
        side(),
        quantity("quantity", "Quantity", 10),
        price("price", "Price"),
        money("notional", "Notional", 12),
        Column(key="commission", label="Fee", width=10, decimals=4),
        text("commission_asset", "In", 5),
        text("liquidity", "Liquidity", 9),
        Column(key="realized", label="Realized", width=10, signed=True, tint="sign"),
        text("number", "Order", 6),
        text("venue", "Venue", 12),
        digits("digits"),
        digits("lots"),
    ),
    derived={"number": _row_text},
    sort=Sort("venue_ns", descending=True),
    totals={"notional": sum_of, "realized": sum_of},
    empty="No fills yet today",
    meanings={
        "liquidity": "maker rested in the book, taker took from it",
        "realized": "PnL booked by this fill, in the quote asset",
    },
)


def _bar(row: Row) -> str:
    share = row["filled_pct"]
    if share != share:  # noqa: PLR0124 - NaN
        return ""
    glyphs = terminal_glyphs()
    full, rest = ("#", ".") if glyphs.ascii_only else ("━", "╌")
    done = round(BAR_CELLS * min(max(share, 0.0), 100.0) / 100)
    return str(full * done + rest * (BAR_CELLS - done))


RUNS = TableSpec(
    topic="runs",
    title="Runs",
    columns=(
        clock("at_ns", "Time"),
        text("id", "Run", 6),
        Column(key="text", label="Line", width=34, kind=text("", "", 1).kind, stretch=True),
        text("bar", "Progress", BAR_CELLS),
        Column(key="filled_pct", label="Filled %", width=8, decimals=1),
        Column(key="orders", label="Orders", width=6, decimals=0),
        Column(key="live", label="Live", width=5, decimals=0),
        Column(key="filled", label="Filled", width=6, decimals=0),
        count("failed_seen", "Failed", tint="down"),
        count("unknown_seen", "Unknown", tint="warning"),
        text("origin", "From", 9),
    ),
    derived={
        "bar": _bar,
        "id": _run,
        "failed_seen": nonzero("failed"),
        "unknown_seen": nonzero("unknown"),
    },
    sort=Sort("at_ns", descending=True),
    empty="No line has been confirmed yet. Type : to write one",
    meanings={"filled_pct": "share of the run's quantity that has been filled"},
)
