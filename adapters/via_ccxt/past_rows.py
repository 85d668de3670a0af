"""Rows of Binance's ledgers to money flows; what the readers of both wallets share. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from adapters.via_ccxt.numbers import decimal_of, ns_of_ms
from hedge_tui.domain.account import CashFlow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from decimal import Decimal

    from adapters.via_ccxt.speech import Speech
    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.domain.past import PastPage

Read = TypeVar("Read")
DAY_MS = 86_400_000
UNREADABLE = (ValueError, KeyError, TypeError)
"""What a row with something missing or wrong raises when it is read."""
REACH_MS = 90 * DAY_MS
"""How far back the venue's memory is read."""
KINDS = {
    "FUNDING_FEE": "funding",
    "TRANSFER": "transfer",
    "INTERNAL_TRANSFER": "transfer",
    "COIN_SWAP_DEPOSIT": "transfer",
    "COIN_SWAP_WITHDRAW": "transfer",
    "CROSS_COLLATERAL_TRANSFER": "transfer",
    "STRATEGY_UMFUTURES_TRANSFER": "transfer",
    "INSURANCE_CLEAR": "liquidation",
    "REFERRAL_KICKBACK": "rebate",
    "COMMISSION_REBATE": "rebate",
    "API_REBATE": "rebate",
    "FEE_RETURN": "rebate",
    "REALIZED_PNL": "realized",
    "DELIVERED_SETTELMENT": "realized",
    "COMMISSION": "commission",
}
"""Binance's words for income (one of them misspelt by the venue); all others are `other`."""


def readable(
    rows: Iterable[Any],
    read: Callable[[Any, Speech], Read],
    speech: Speech,
    what: str,
    skipped: Callable[[str], None],
) -> Iterator[Read]:
    """What `read` makes of each row; `skipped` is told of `what` cannot be read."""
    for row in rows:
        try:
            yield read(row, speech)
        except UNREADABLE as error:
            skipped(f"{what} cannot be read: {error}")


class PastSources(Protocol):
    """Reads one account's past at one venue."""

    def sources(self, traded: Sequence[InstrumentId], *, whole: bool) -> tuple[str, ...]:
        """See `ExecutionClient.past_sources`."""
        ...

    async def read(self, source: str, mark: str, known: Callable[[tuple[str, str, str]], bool]) -> PastPage:
        """See `ExecutionClient.read_past`."""
        ...


def income_flow(row: dict[str, Any], speech: Speech) -> CashFlow:
    """One row of the USD-M income history.

    Raises:
        ValueError, KeyError, TypeError: it cannot be read.
    """
    word, symbol, asset = str(row["incomeType"]), str(row.get("symbol") or ""), str(row["asset"])
    return CashFlow(
        speech.account,
        f"{word}/{row['tranId']}/{symbol}/{asset}",
        KINDS.get(word, "other"),
        asset,
        _quantity(row["income"]),
        ns_of_ms(row["time"]),
        instrument_named(symbol, speech),
    )


def deposit_flow(row: dict[str, Any], speech: Speech) -> CashFlow:
    """One row of the deposit history."""
    return CashFlow(
        speech.account,
        f"deposit/{row['id']}",
        "deposit",
        str(row["coin"]),
        _quantity(row["amount"]),
        ns_of_ms(row["insertTime"]),
    )


def withdrawal_flow(row: dict[str, Any], speech: Speech) -> CashFlow:
    """One row of the withdrawal history; the fee of the chain leaves with it."""
    fee = decimal_of(row.get("transactionFee"))
    return CashFlow(
        speech.account,
        f"withdrawal/{row['id']}",
        "withdrawal",
        str(row["coin"]),
        -(_quantity(row["amount"]) + (fee or 0)),
        ns_of_ms(_millis(row["applyTime"])),
    )


def transfer_flow(row: dict[str, Any], speech: Speech, sign: int) -> CashFlow:
    """One transfer between wallets (`amount`, `timestamp`) or accounts (`qty`, `time`); `sign` 1 is in."""
    return CashFlow(
        speech.account,
        f"transfer/{row['tranId']}/{'in' if sign > 0 else 'out'}",
        "transfer",
        str(row["asset"]),
        _quantity(row["amount"] if "amount" in row else row["qty"]) * sign,
        ns_of_ms(row["timestamp"] if "timestamp" in row else row["time"]),
    )


def raw(method: str, query: dict[str, Any]) -> Callable[[Any], Any]:
    """A call of one of ccxt's raw methods."""
    return lambda instance: getattr(instance, method)(dict(query))


def own_trades(symbol: str, since_ms: int | None, limit: int, query: dict[str, Any]) -> Callable[[Any], Any]:
    """A call for executions of one symbol."""
    return lambda instance: instance.fetch_my_trades(symbol, since_ms, limit, dict(query))


def instrument_named(symbol: str, speech: Speech) -> InstrumentId | None:
    """The instrument of a row; None for rows of none, and of one that is no longer listed."""
    try:
        return speech.instrument_of_venue(symbol) if symbol else None
    except ValueError:
        return None


def _quantity(value: Any) -> Decimal:
    found = decimal_of(value)
    if found is None:
        raise ValueError(f"no quantity: {value!r}")
    return found


def _millis(value: Any) -> int:
    """Milliseconds, or UTC in words."""
    text = str(value)
    if text.isdigit():
        return int(text)
    return int(datetime.strptime(text, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC).timestamp() * 1000)
