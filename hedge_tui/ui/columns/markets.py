"""The watchlist of the Trade screen."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import digits, text
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Column, Sort

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
