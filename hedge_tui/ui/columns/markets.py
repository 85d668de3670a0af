"""The watchlist of the Trade screen, and the big table of Markets."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import digits, sum_of, text
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import SUM, Column, Kind, Sort, leading

WATCHLIST = TableSpec(
    topic="instruments",
    title="Markets",
    target="instrument",
    columns=(
        text("symbol", "Symbol", 15),
        Column(key="last", label="Last", width=10, decimals="price_decimals", flash=True),
        Column(key="change_24h", label="24h", width=7, percent=True, signed=True, tint="sign"),
        Column(key="spread_bp", label="Spr bp", width=6, decimals=1),
        Column(key="volume_24h", label="Volume", width=8, compact=True),
        Column(key="funding_rate", label="Funding", width=9, percent=True, decimals=4, signed=True),
        Column(key="net_position", label="Own", width=9, decimals=4, signed=True, tint="sign"),
        Column(key="bid", label="Bid", width=11, decimals="price_decimals"),
        Column(key="ask", label="Ask", width=11, decimals="price_decimals"),
        text("venue", "Venue", 12),
        digits("price_decimals"),
    ),
    sort=Sort("volume_24h", descending=True),
    empty="No market to show",
    meanings={
        "change_24h": "change of the last price in 24 hours",
        "spread_bp": "ask minus bid in basis points of the price",
        "volume_24h": "turnover of 24 hours in the quote asset",
        "funding_rate": "share of the notional that longs pay shorts in the running interval",
        "net_position": "own position over all accounts",
    },
)


def _percent(key: str, label: str, width: int, decimals: int = 2) -> Column:
    """A signed fraction as a percentage."""
    return Column(
        key=key, label=label, width=width, percent=True, decimals=decimals, signed=True, tint="sign"
    )


def _price(key: str, label: str, *, visible: bool = True, flash: bool = False) -> Column:
    return Column(key=key, label=label, width=10, decimals="price_decimals", visible=visible, flash=flash)


def _large(key: str, label: str, width: int = 7, *, visible: bool = True) -> Column:
    return Column(key=key, label=label, width=width, compact=True, visible=visible)


_FROM_LARGEST = leading("turnover_24h")
"""In a group's header: the figure of its most traded market."""
MARKETS = TableSpec(
    topic="instruments",
    title="Markets",
    target="instrument",
    columns=(
        text("symbol", "Symbol", 18),
        text("venue", "Venue", 11),
        _price("last", "Last", flash=True),
        _percent("change_5m", "5m", 7),
        _percent("change_1h", "1h", 7),
        _percent("change_24h", "24h", 7),
        Column(key="day_position", label="Range", width=5, percent=True, decimals=0),
        _large("turnover_24h", "Volume"),
        Column(key="relative_volume", label="RVol", width=5, decimals=2),
        Column(key="net_value", label="Own value", width=9, decimals=0, signed=True, tint="sign"),
        Column(key="spread_bp", label="Spr bp", width=6, decimals=1),
        _large("bid_depth", "Bid dep"),
        _large("ask_depth", "Ask dep"),
        _percent("funding_rate", "Fund nxt", 8, 4),
        Column(key="funding_in", label="in", width=6, kind=Kind.SPAN),
        _percent("funding_apr", "Fund APR", 8, 1),
        _percent("funding_last", "Fund lst", 8, 4),
        _large("interest_value", "OI"),
        _percent("interest_1h", "OI 1h", 6, 1),
        _percent("interest_24h", "OI 24h", 6, 1),
        Column(key="premium_bp", label="Prem bp", width=7, decimals=1, signed=True, tint="sign"),
        _percent("basis_apr", "Basis", 6, 1),
        Column(key="slippage_bp", label="Slip bp", width=7, decimals=1),
        Column(key="net_position", label="Own", width=9, decimals=4, signed=True, tint="sign"),
        _price("mark", "Mark"),
        _price("index_price", "Index"),
        _price("bid", "Bid", visible=False),
        _price("ask", "Ask", visible=False),
        _price("high_24h", "High", visible=False),
        _price("low_24h", "Low", visible=False),
        _large("volume_24h", "Quote vol", 8, visible=False),
        Column(key="funding_interval_h", label="Fund h", width=6, decimals=0, visible=False),
        Column(key="expiry_ns", label="Expiry", width=14, kind=Kind.TIME, visible=False),
        text("kind", "Kind", 9, visible=False),
        text("base", "Asset", 8, visible=False),
        text("quote", "Quote", 6, visible=False),
        digits("price_decimals"),
    ),
    keep=lambda row: row["last"] == row["last"] or row["bid"] == row["bid"],
    sort=Sort("turnover_24h", descending=True),
    fixed=1,
    totals={"turnover_24h": sum_of, "interest_value": sum_of, "net_value": sum_of},
    subtotals={
        "turnover_24h": SUM,
        "interest_value": SUM,
        "net_value": SUM,
        "bid_depth": SUM,
        "ask_depth": SUM,
        **dict.fromkeys(
            ("last", "change_5m", "change_1h", "change_24h", "day_position", "spread_bp", "price_decimals"),
            _FROM_LARGEST,
        ),
    },
    empty="No market yet: Feeds (F) tells how the venues are",
    meanings={
        "last": "last traded price; in an asset's header that of its most traded market, as are the changes",
        "change_5m": "against the price at the full minute five to six minutes ago",
        "change_1h": "against the price at the full minute 60 to 61 minutes ago",
        "change_24h": "change of the last price in 24 hours, as the venue says",
        "day_position": "where the last price stands between the low (0 %) and the high (100 %) of 24 hours",
        "turnover_24h": "turnover of 24 hours in the reporting currency",
        "relative_volume": "volume of the newest known hour over that of the mean hour of the day: 3 is "
        "three times as much as usual; asked of the venue in turn, unknown when older than half an hour",
        "spread_bp": "ask minus bid in basis points of the bid",
        "bid_depth": "what rests at the best bid, in the reporting currency",
        "ask_depth": "what rests at the best ask, in the reporting currency",
        "slippage_bp": "what taking 10,000 of the reporting currency costs against the mid, the worse side, "
        "in basis points; known where the best bid and ask hold as much, or the book is open on Trade",
        "funding_rate": "rate of the running interval as predicted now: longs pay it to shorts when it ends",
        "funding_in": "time until it is paid",
        "funding_apr": "the running rate times the intervals of a year, without compounding",
        "funding_last": "rate that was paid last",
        "interest_value": "open interest at the mark, in the reporting currency; sampled every 5 minutes",
        "interest_1h": "change of the open contracts in an hour, whatever the price did",
        "interest_24h": "change of the open contracts in 24 hours",
        "premium_bp": "perpetuals: mark above the index, basis points; what it costs a year is Fund APR",
        "basis_apr": "dated futures: (last / index - 1) x 365 / days to expiry",
        "net_position": "own position over all accounts, venue units; of spot what is held",
        "net_value": "own position over all accounts at the mark, in the reporting currency",
        "mark": "the venue's valuation",
        "index_price": "the basket that the venue compares with",
        "funding_interval_h": "hours between two payments of funding",
        "volume_24h": "turnover of 24 hours in the quote asset",
        "bid": "best bid",
        "ask": "best ask",
        "high_24h": "highest price of 24 hours",
        "low_24h": "lowest price of 24 hours",
        "expiry_ns": "when a dated future is settled",
        "kind": "spot, perpetual or future",
        "base": "what is traded; g groups by it",
        "quote": "what it is priced in",
    },
)
SLOW = (
    "change_5m",
    "change_1h",
    "day_position",
    "turnover_24h",
    "relative_volume",
    "bid_depth",
    "ask_depth",
    "slippage_bp",
    "funding_apr",
    "funding_last",
    "funding_interval_h",
    "interest_value",
    "interest_1h",
    "interest_24h",
    "premium_bp",
    "basis_apr",
    "net_value",
    "index_price",
    "high_24h",
    "low_24h",
    "expiry_ns",
)
"""Columns of `MARKETS` that come with the topic `markets`."""
