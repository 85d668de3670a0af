"""`[risk]`: the caps of the risk gate, of the desk, of groups and of accounts, and how far they may go.

Three kinds of caps. Those of a *line* and of a *day* count everything of their scope together: of the desk,
of the accounts of a group, of one account. Those of an *order*, a *position*, an *account* (open orders,
leverage) and of prices hold for each one in their scope. Whatever scopes an order is in, each of their caps
holds: the strictest decides. Those of a *source* count what one origin of orders sends.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import Annotated, Any

from hedge_tui.config.bounds import Bounds

Money = Annotated[Decimal, Bounds(least=0)]
Number = Annotated[int, Bounds(least=0)]
Quantities = Mapping[str, Money]
"""Asset such as BTC, symbol or instrument -> base units, never contracts."""


@dataclass(frozen=True, slots=True)
class RiskCaps:
    """Caps of the risk gate. 0 means zero: it lets nothing through, it does not switch the cap off."""

    max_order_notional: Money = Decimal(25_000)
    """Largest notional of one order, reporting currency."""
    max_bulk_notional: Money = Decimal(100_000)
    """Largest notional of all orders of one line together, reporting currency."""
    max_day_notional: Money = Decimal(1_000_000)
    """Largest notional of all orders sent since the day started, reporting currency."""
    max_order_count: Number = 200
    """Most orders that one line may send."""
    max_open_orders: Number = 200
    """Most orders resting at one time in one account."""
    price_collar_pct: Money = Decimal(5)
    """How far a buy may be priced above the ask or the mark, or a sell below the bid or the mark, %."""
    max_day_count: Number = 20_000
    """Most orders sent since the day started."""
    max_order_quantity: Quantities = field(default_factory=dict)
    """Largest quantity of one order, base units, by asset or instrument; what is not named has none."""
    max_bulk_quantity: Quantities = field(default_factory=dict)
    """The same for all orders of one line together."""
    max_day_quantity: Quantities = field(default_factory=dict)
    """The same for all orders sent since the day started."""
    max_position_notional: Money = Decimal(1_000_000)
    """Largest position in one instrument of one account if its worst orders fill, reporting currency."""
    max_leverage: Money = Decimal(20)
    """Most gross exposure of one account over its equity, if its worst orders fill."""
    max_leverage_setting: Money = Decimal(50)
    """Highest leverage that may be set for an instrument, and with which a position may grow."""
    allow: tuple[str, ...] = ("*",)
    """Globs of instruments or symbols that may be traded, such as "binanceusdm:*" or "BTC/*"."""
    deny: tuple[str, ...] = ()
    """Globs of instruments or symbols that may not, whatever `allow` says."""


@dataclass(frozen=True, slots=True)
class RiskOverrides:
    """`[risk.accounts.NAME]`, `[risk.groups.NAME]`: caps of one account or group; None (left out): no own."""

    max_order_notional: Money | None = None
    """As in `[risk]`."""
    max_bulk_notional: Money | None = None
    """Counts the line's orders of this account or group only."""
    max_day_notional: Money | None = None
    """Counts the orders of this account or group only."""
    max_order_count: Number | None = None
    """Counts the line's orders of this account or group only."""
    max_open_orders: Number | None = None
    """As in `[risk]`."""
    price_collar_pct: Money | None = None
    """As in `[risk]`."""
    max_day_count: Number | None = None
    """Counts the orders of this account or group only."""
    max_order_quantity: Quantities | None = None
    """As in `[risk]`."""
    max_bulk_quantity: Quantities | None = None
    """Counts the line's orders of this account or group only."""
    max_day_quantity: Quantities | None = None
    """Counts the orders of this account or group only."""
    max_position_notional: Money | None = None
    """As in `[risk]`."""
    max_leverage: Money | None = None
    """As in `[risk]`."""
    max_leverage_setting: Money | None = None
    """As in `[risk]`."""
    allow: tuple[str, ...] | None = None
    """Both these and those of `[risk]` must fit."""
    deny: tuple[str, ...] | None = None
    """Besides those of `[risk]`."""


@dataclass(frozen=True, slots=True)
class HardCaps:
    """`[risk.hard]`: how far `limit` may loosen a running engine; left out: no further than the file."""

    max_order_notional: Money | None = None
    """As in `[risk]`."""
    max_bulk_notional: Money | None = None
    """As in `[risk]`."""
    max_day_notional: Money | None = None
    """As in `[risk]`."""
    max_order_count: Number | None = None
    """As in `[risk]`."""
    max_open_orders: Number | None = None
    """As in `[risk]`."""
    price_collar_pct: Money | None = None
    """As in `[risk]`."""
    max_day_count: Number | None = None
    """As in `[risk]`."""
    max_order_quantity: Quantities | None = None
    """As in `[risk]`."""
    max_bulk_quantity: Quantities | None = None
    """As in `[risk]`."""
    max_day_quantity: Quantities | None = None
    """As in `[risk]`."""
    max_position_notional: Money | None = None
    """As in `[risk]`."""
    max_leverage: Money | None = None
    """As in `[risk]`."""
    max_leverage_setting: Money | None = None
    """As in `[risk]`."""
    max_order_rate: Number | None = None
    """As in `[risk]`."""


@dataclass(frozen=True, slots=True)
class RiskSettings(RiskCaps):
    """`[risk]`: the caps of the desk, of groups and of single accounts."""

    max_order_rate: Number = 1_200
    """Most orders and amendments that one source (keyboard, cli, a rule) may send in the window."""
    order_rate_window_s: Annotated[int, Bounds(least=1, most=600)] = 60
    """Length of that window, seconds."""
    accounts: Mapping[str, RiskOverrides] = field(default_factory=dict)
    """Account name -> its own caps; the caps above hold besides."""
    groups: Mapping[str, RiskOverrides] = field(default_factory=dict)
    """Group name -> its own caps; the caps above hold besides."""
    hard: HardCaps = field(default_factory=HardCaps)
    """How far `limit` may go."""


CAPS: tuple[str, ...] = tuple(one.name for one in fields(RiskCaps))
"""Names of the caps that desk, groups and accounts have."""
QUANTITIES = ("max_order_quantity", "max_bulk_quantity", "max_day_quantity")
"""Caps by asset or instrument."""
GLOBS = ("allow", "deny")
"""Caps that are lists of globs."""
NUMBERS: tuple[str, ...] = tuple(name for name in CAPS if name not in (*QUANTITIES, *GLOBS))
"""Caps that are one number."""
WHOLE = ("max_order_count", "max_open_orders", "max_day_count", "max_order_rate")
"""Caps that are whole numbers."""


def beyond_hard(settings: RiskSettings) -> tuple[tuple[str, ...], Any, Any] | None:
    """The first cap of the file above its hard cap: (path below `[risk]`, value, hard cap); None: none is."""
    tables: list[tuple[tuple[str, ...], Any]] = [((), settings)]
    tables += [(("groups", name), one) for name, one in settings.groups.items()]
    tables += [(("accounts", name), one) for name, one in settings.accounts.items()]
    for path, table in tables:
        for one in fields(HardCaps):
            hard, value = getattr(settings.hard, one.name), getattr(table, one.name, None)
            if hard is None or value is None:
                continue
            if one.name in QUANTITIES:
                for what, most in hard.items():
                    if value.get(what, most) > most:
                        return (*path, one.name, what), value[what], most
            elif value > hard:
                return (*path, one.name), value, hard
    return None
