"""Accounts and the portfolio by venue and group."""

from __future__ import annotations

from hedge_tui.ui.columns.restraints import TRADING
from hedge_tui.ui.columns.shared import MODES, STATES, count, money, nonzero, sum_of, text, word
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Column, Sort

SUMMED = (
    "equity", "pnl_today", "unrealized", "exposure", "positions", "orders", "unknown_seen", "free",
    "balance", "margin_used", "realized_today", "fees_today", "funding_today",
)  # fmt: skip
"""Columns of accounts that add up."""
ACCOUNTS = TableSpec(
    topic="accounts",
    title="Accounts",
    target="account",
    columns=(
        text("name", "Account", 11),
        word("state", "State", 12, STATES),
        word("trading", "Trading", 8, TRADING),
        word("mode", "Mode", 7, MODES),
        money("equity", "Equity", 13),
        money("pnl_today", "PnL today", 11, signed=True),
        money("unrealized", "Unrealized", 11, signed=True),
        money("exposure", "Exposure", 12, signed=True),
        Column(key="margin_ratio", label="Margin %", width=8, percent=True, decimals=1),
        Column(key="positions", label="Pos", width=4, decimals=0),
        Column(key="orders", label="Orders", width=6, decimals=0),
        count("unknown_seen", "Unknown", tint="warning"),
        money("free", "Free", 13),
        money("balance", "Balance", 13),
        money("margin_used", "Margin used", 11),
        money("realized_today", "Realized", 10, signed=True),
        money("fees_today", "Fees", 9),
        money("funding_today", "Funding", 9, signed=True),
        text("venue", "Venue", 12),
        text("groups", "Groups", 10),
        Column(key="detail", label="Remark", width=14, kind=text("", "", 1).kind, stretch=True),
    ),
    totals=dict.fromkeys(SUMMED, sum_of),
    derived={"unknown_seen": nonzero("unknown")},
    sort=Sort("name"),
    empty="No accounts yet. In a shell: hedge keys add NAME",
    meanings={
        "equity": "balances at live prices plus unrealized PnL, in the reporting currency",
        "pnl_today": "change of equity since the day began, without deposits and transfers",
        "unrealized": "PnL of open positions at the venue's mark price",
        "exposure": "signed value of all positions and coins: what moves with the market",
        "margin_ratio": "maintenance margin as a share of the account's margin balance; 100 % liquidates",
        "unknown_seen": "orders without an answer yet; they are looked up, never sent again",
        "free": "what new orders may use",
        "state": "of the private stream: live, stale, reconnecting, locked",
        "trading": "halted lets only cancels through, reducing also what reduces; see the pane Held",
    },
)
PORTFOLIO = TableSpec(
    topic="portfolio",
    title="Portfolio",
    columns=(
        text("name", "Name", 12),
        money("equity", "Equity", 13),
        money("pnl_today", "PnL today", 11, signed=True),
        money("unrealized", "Unrealized", 11, signed=True),
        money("exposure", "Net exposure", 12, signed=True),
        money("gross_exposure", "Gross", 12),
        money("margin_used", "Margin used", 11),
        money("realized_today", "Realized", 10, signed=True),
        money("fees_today", "Fees", 9),
        money("funding_today", "Funding", 9, signed=True),
        Column(key="accounts", label="Accounts", width=8, decimals=0),
    ),
    keep=lambda row: row["scope"] == "account",
    sort=Sort("equity", descending=True),
    empty="Nothing to add up here. Groups and tags are given to accounts in the configuration",
    meanings={
        "equity": "balances and unrealized PnL in the reporting currency; of an asset: its balances and what "
        "positions in it gain",
        "exposure": "longs minus shorts",
        "gross_exposure": "longs plus shorts, without their signs",
    },
)
