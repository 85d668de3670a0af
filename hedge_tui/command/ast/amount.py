"""How much: sizes, their units, and how one size is shared over accounts and symbols."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from hedge_tui.command.ast.line import NOWHERE, Span

if TYPE_CHECKING:
    from decimal import Decimal

MONEY = frozenset(
    {
        "USD",
        "USDT",
        "USDC",
        "FDUSD",
        "TUSD",
        "USDP",
        "BUSD",
        "DAI",
        "USDE",
        "USDS",
        "PYUSD",
        "USD1",
        "RLUSD",
        "BFUSD",
        "USDG",
        "EURC",
        "EURI",
        "EURT",
        "EUR",
        "GBP",
        "JPY",
        "CHF",
        "AUD",
        "CAD",
        "NZD",
        "SEK",
        "NOK",
        "PLN",
        "CZK",
        "TRY",
        "BRL",
        "MXN",
        "ZAR",
        "UAH",
        "KRW",
    }
)
"""Units that are read as money without asking what the symbol is. `USD` means dollars of notional."""


class SizeKind(StrEnum):
    """What a size is measured in."""

    AMOUNT = "amount"
    """Units of an asset ("0.5btc", "500usdt") or dollars of notional ("500usd")."""
    FREE = "free"
    """Percent of the free balance."""
    EQUITY = "eq"
    """Notional, in percent of the account's equity."""
    POSITION = "pos"
    """Percent of the open position."""
    RISK = "risk"
    """The loss at the stop, in money; the order must carry one."""
    TARGET = "target"
    """The position wanted afterwards, signed: the order trades the difference."""
    ORDER = "order"
    """Percent of the order's own quantity; only what an iceberg shows."""


class Share(StrEnum):
    """How a size covers several accounts, or several symbols."""

    EACH = "each"
    """The full size on every one."""
    EQUAL = "split"
    """Divided equally."""
    EQUITY = "eq"
    """Divided by the accounts' equity."""
    WEIGHT = "weight"
    """Divided by the accounts' configured weights."""


@dataclass(frozen=True, slots=True)
class Spread:
    """How one size covers several accounts and symbols, as written after it.

    | typed                | accounts | symbols |
    |----------------------|----------|---------|
    | /each                | EACH     | EACH    |
    | /split               | EQUAL    | EQUAL   |
    | /each:sym            | None     | EACH    |
    | /each:acct           | EACH     | None    |
    | /split:acct          | EQUAL    | None    |
    | /split:sym           | None     | EQUAL   |
    | /split:eq            | EQUITY   | None    |
    | /split:weight        | WEIGHT   | None    |
    | /split:eq/each:sym   | EQUITY   | EACH    |

    None is not said: it is refused when there are several (see `spread.require_spread`).
    """

    accounts: Share | None
    symbols: Share | None
    span: Span = field(default=NOWHERE, compare=False)


@dataclass(frozen=True, slots=True)
class Size:
    """How much to trade.

    Attributes:
        value: exactly as typed, with k and mm written out; above 0 but for TARGET, which is signed. Percent
            for FREE, EQUITY, POSITION and ORDER (10 means 10 %).
        unit: asset in upper case for AMOUNT, RISK and TARGET ("USD" is dollars of notional); "" else.
        spread: None when not written.
    """

    kind: SizeKind
    value: Decimal
    unit: str = ""
    spread: Spread | None = None
    span: Span = field(default=NOWHERE, compare=False)


SPREAD_WORDS: dict[str, tuple[Share | None, Share | None]] = {
    "each": (Share.EACH, Share.EACH),
    "each:acct": (Share.EACH, None),
    "each:sym": (None, Share.EACH),
    "split": (Share.EQUAL, Share.EQUAL),
    "split:acct": (Share.EQUAL, None),
    "split:sym": (None, Share.EQUAL),
    "split:eq": (Share.EQUITY, None),
    "split:weight": (Share.WEIGHT, None),
}
"""What each word after a slash says of accounts and of symbols."""
