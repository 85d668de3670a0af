"""Profit and loss by day."""

from __future__ import annotations

from hedge_tui.ui.columns.shared import count, money, sum_of, text
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Sort

_SUMMED = (
    "net",
    "realized",
    "fees",
    "funding",
    "other",
    "deposits",
    "withdrawals",
    "transfers",
    "fills",
)
PNL = TableSpec(
    topic="pnl",
    title="PnL by day",
    columns=(
        text("day", "Day", 10),
        money("net", "Net", 11, signed=True),
        money("realized", "Realized", 11, signed=True),
        money("fees", "Fees", 9),
        money("funding", "Funding", 9, signed=True),
        money("other", "Other", 9, signed=True),
        money("running", "Running", 11, signed=True),
        count("fills", "Fills"),
        money("deposits", "Deposits", 11),
        money("withdrawals", "Withdrawn", 11),
        money("transfers", "Transfers", 11),
    ),
    totals=dict.fromkeys(_SUMMED, sum_of),
    sort=Sort("day", descending=True),
    empty="Nothing was booked yet: no fills, no funding. Type : then  buy 500usd BTC.p",
    meanings={
        "net": "realized less fees, with funding and other income; open positions are not in it",
        "other": "insurance, rebates and bonuses of the venue",
        "running": "net of all days up to this one",
        "transfers": "between wallets and accounts: zero on the desk when both ends are yours",
        "deposits": "money moved in; never profit",
        "withdrawals": "money moved out; never a loss",
    },
)
