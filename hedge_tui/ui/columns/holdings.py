"""Positions, balances and exposure by asset."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import digits, minutes_text, money, price, quantity, side, sum_of, text, word
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Column, Sort

_POSITION_MEANINGS = {
    "quantity": "open size in units of the venue",
    "entry_price": "average cost of the open part",
    "mark_price": "the venue's valuation, which decides on PnL and liquidation",
    "return_pct": "unrealized PnL in percent of what the position cost",
    "break_even": "price at which leaving now by a taker order leaves nothing, after fees and funding; "
    "for positions from before the desk by the venue's own figure",
    "liquidation_pct": "how far the mark may go against the position until the venue closes it",
    "liquidation_atr": "the same in average true ranges of hourly candles (14): below 3 is within a bad day",
    "protection": "share of the position that working stops would close; orders in doubt do not count; "
    "UNPROTECTED: none for sure; UNKNOWN: the venue states another position, and it is being settled",
    "funding_next": "the next funding payment at today's mark and rate, in settle; above zero you receive",
    "funding_in": "until then",
    "adl": "place in the venue's deleveraging queue: 4 is closed first when others go bankrupt",
    "age": "since it was opened from flat; unknown when that was before the desk",
    "tags": "of the account",
    "leverage": "as set at the venue for this instrument",
}
UNPROTECTED = "UNPROTECTED"
UNKNOWN = "UNKNOWN"
"""In the place of the share: these books and the venue disagree on the position itself."""


def protection_words(percent: float) -> str:
    """A share of a position, or the word that nothing protects it."""
    if percent != percent:  # noqa: PLR0124 - NaN
        return ""
    return f"{percent:3.0f}%" if percent else UNPROTECTED


POSITIONS = TableSpec(
    topic="positions",
    title="Positions",
    target="position",
    columns=(
        text("symbol", "Symbol", 14),
        text("account", "Account", 9),
        side(),
        quantity("quantity", "Quantity", 9),
        price("entry_price", "Entry", 10),
        price("break_even", "Break-even", 10),
        price("mark_price", "Mark", 10),
        money("unrealized", "Unrealized", 10, signed=True),
        Column(key="return_pct", label="Return %", width=8, signed=True, tint="sign"),
        money("notional", "Notional", 12),
        Column(key="liquidation_pct", label="Liq. in %", width=9, decimals=1),
        Column(key="liquidation_atr", label="in ATR", width=6, decimals=1),
        word(
            "protection",
            "Protected",
            11,
            dict.fromkeys((UNPROTECTED.casefold(), UNKNOWN.casefold()), "warning"),
        ),
        Column(key="funding_next", label="Next fund.", width=10, signed=True, tint="sign"),
        text("funding_in", "in", 6),
        Column(key="adl", label="ADL", width=3, decimals=0),
        text("age", "Age", 6),
        price("liquidation_price", "Liquidation"),
        Column(key="leverage", label="Lev", width=4, decimals=0),
        text("margin_mode", "Margin", 8),
        money("realized_today", "Realized", 10, signed=True),
        money("fees_today", "Fees", 9),
        money("funding_today", "Funding", 9, signed=True),
        text("tags", "Tags", 10),
        text("venue", "Venue", 12),
        digits("digits"),
        digits("lots"),
    ),
    derived={
        "protection": lambda row: UNKNOWN if row["doubt"] else protection_words(row["protected_pct"]),
        "funding_in": lambda row: minutes_text(row["funding_in_min"]),
        "age": lambda row: minutes_text(row["open_min"]),
    },
    fixed=3,
    totals=dict.fromkeys(("unrealized", "notional", "realized_today", "fees_today", "funding_today"), sum_of),
    sort=Sort("symbol"),
    empty="No open positions. Type : then  buy 500usd BTC.p",
    meanings=_POSITION_MEANINGS,
)
BALANCES = TableSpec(
    topic="balances",
    title="Balances",
    columns=(
        text("account", "Account", 12),
        text("asset", "Asset", 8),
        Column(key="total", label="Total", width=14, decimals=4),
        Column(key="free", label="Free", width=14, decimals=4),
        Column(key="locked", label="Locked", width=12, decimals=4),
        money("value", "Value", 13),
        text("venue", "Venue", 12),
    ),
    fixed=2,
    totals={"value": sum_of},
    sort=Sort("account"),
    empty="No balances yet: the accounts have not answered",
    meanings={"locked": "held by open orders or as margin", "value": "in the reporting currency"},
)
EXPOSURE = TableSpec(
    topic="exposure",
    title="Exposure by asset",
    columns=(
        text("asset", "Asset", 8),
        money("net_value", "Net value", 13, signed=True),
        Column(key="net", label="Net", width=13, decimals=4, signed=True, tint="sign"),
        Column(key="long", label="Long", width=12, decimals=4),
        Column(key="short", label="Short", width=12, decimals=4),
        Column(key="spot", label="Spot", width=12, decimals=4),
        Column(key="derivatives", label="Derivatives", width=12, decimals=4, signed=True),
        Column(key="accounts", label="Accounts", width=8, decimals=0),
    ),
    totals={"net_value": sum_of},
    sort=Sort("net_value", descending=True),
    empty="No exposure: neither coins nor positions",
    meanings={"net": "units of the asset over spot and derivatives of all accounts"},
)
