"""Accounts at risk, now and if their orders fill, and what moves of the market would do."""

from __future__ import annotations

from hedge_tui.ui.columns.restraints import TRADING
from hedge_tui.ui.columns.shared import (
    count,
    decimals_of,
    digits,
    money,
    nonzero,
    sum_of,
    text,
    word,
)
from hedge_tui.ui.columns.spec import TableSpec
from hedge_tui.ui.widgets.live_table import Column, Sort

_MEANINGS = {
    "exposure": "net delta: what the account gains if everything it holds doubles",
    "leverage": "notional of positions and coins, without their signs, over equity",
    "margin_ratio": "maintenance margin over equity; at 100 % the venue liquidates",
    "liquidation_pct": "the nearest liquidation: how far that mark may go against the position",
    "liquidation_move_pct": "the smallest move of all assets together that liquidates something here",
    "free": "what new orders may use",
    "trading": "halted lets only cancels through, reducing also what reduces; see the pane Held",
}


def _share(key: str, label: str, width: int = 9) -> Column:
    return Column(key=key, label=label, width=width, percent=True, decimals=1)


def _percent(key: str, label: str, width: int = 9, *, signed: bool = False) -> Column:
    return Column(key=key, label=label, width=width, decimals=1, signed=signed)


RISK = TableSpec(
    topic="risk",
    title="Accounts at risk",
    target="account",
    columns=(
        text("account", "Account", 11),
        word("trading", "Trading", 8, TRADING),
        money("equity", "Equity", 13),
        money("exposure", "Net delta", 13, signed=True),
        Column(key="leverage", label="Leverage", width=8, decimals=2),
        _share("margin_ratio", "Margin %", 9),
        _percent("liquidation_pct", "Liq. in %"),
        text("liquidation_symbol", "of", 15),
        Column(key="liquidation_side", label="Side", width=5, kind=text("", "", 1).kind),
        _percent("liquidation_move_pct", "Liq. at move", 12, signed=True),
        money("free", "Free", 13),
        money("gross_exposure", "Gross", 13),
        Column(key="liquidation_price", label="Liq. price", width=11, decimals="price_digits"),
        Column(key="orders", label="Orders", width=6, decimals=0),
        count("unknown_seen", "Unknown", tint="warning"),
        text("venue", "Venue", 12),
        digits("price_digits"),
    ),
    derived={
        "unknown_seen": nonzero("unknown"),
        "price_digits": lambda row: decimals_of(row["liquidation_price"]),
    },
    totals=dict.fromkeys(("equity", "exposure", "gross_exposure", "free", "orders", "unknown_seen"), sum_of),
    sort=Sort("margin_ratio", descending=True),
    empty="No account has told what it holds yet. In a shell: hedge accounts list",
    meanings=_MEANINGS,
)
FILLED = TableSpec(
    topic="risk",
    title="If all orders fill",
    target="account",
    columns=(
        text("account", "Account", 11),
        Column(key="orders", label="Orders", width=6, decimals=0),
        count("unknown_seen", "Unknown", tint="warning"),
        money("exposure_if_buys", "Delta, all buys", 15, signed=True),
        money("exposure_if_sells", "Delta, all sells", 16, signed=True),
        Column(key="leverage_if_filled", label="Leverage", width=9, decimals=2),
        _share("margin_ratio_if_filled", "Margin %", 9),
        _percent("liquidation_move_if_filled_pct", "Liq. at move", 12, signed=True),
        money("free_if_filled", "Free", 13),
    ),
    derived={"unknown_seen": nonzero("unknown")},
    totals=dict.fromkeys(
        ("orders", "unknown_seen", "exposure_if_buys", "exposure_if_sells", "free_if_filled"), sum_of
    ),
    sort=Sort("leverage_if_filled", descending=True),
    empty="No account has told what it holds yet",
    meanings={
        "exposure_if_buys": "net delta if every working buy filled and no sell; those in doubt count too",
        "exposure_if_sells": "the same for sells; orders that can only shrink a position are left out",
        "leverage_if_filled": "the higher of the two",
        "margin_ratio_if_filled": "the higher of the two; a fill better than the mark gains nothing",
        "free_if_filled": "free margin less what the fills would cost at once",
    },
)
STRESS = TableSpec(
    topic="stress",
    title="Stress",
    columns=(
        Column(key="move_pct", label="Move %", width=7, decimals=0, signed=True, tint="sign"),
        money("change", "Change", 14, signed=True),
        _percent("change_pct", "of equity", 9, signed=True),
        money("equity", "Equity", 14),
        Column(key="liquidated_seen", label="Liquidated", width=10, decimals=0, tint="warning", blank=""),
        text("worst_account", "Worst", 11),
        money("worst_change", "its change", 13, signed=True),
        _percent("worst_pct", "its %", 8, signed=True),
        _share("margin_ratio", "Margin %", 9),
        text("margin_account", "of", 11),
        Column(
            key="liquidated_accounts", label="Accounts", width=16, kind=text("", "", 1).kind, stretch=True
        ),
    ),
    derived={"liquidated_seen": nonzero("liquidated")},
    sort=Sort("move_pct"),
    empty="Nothing to bend yet: no account has told what it holds",
    meanings={
        "move_pct": "all assets that are no cash move so at once",
        "liquidated_seen": "accounts in which the venue liquidates on the way; what it takes counts as lost",
        "margin_ratio": "the highest among the accounts that are left, and whose it is",
    },
)
