"""From ccxt's balance and position structures to the domain's. Pure.

A row that cannot be read is left out and named.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.numbers import decimal_of, positive
from hedge_tui.domain.account import Balance, Position
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from adapters.via_ccxt.speech import Speech

ZERO = Decimal(0)
_NOT_ASSETS = frozenset({"info", "timestamp", "datetime", "free", "used", "total", "debt"})
_SIDES = {"LONG": PositionSide.LONG, "SHORT": PositionSide.SHORT}
Skipped = Callable[[str], None]
Brackets = Mapping[str, Any]
"""Symbol -> rows of [notional floor, maintenance margin ratio], lowest first."""
_ADL_PLACES = range(5)


def balances_of(structure: Any, speech: Speech, skipped: Skipped) -> tuple[Balance, ...]:
    """Every asset that is held; assets with nothing at all are left out.

    Raises:
        ValueError: a wallet cannot be read: half a list of balances would look like a loss.
    """
    wallets = _wallets(structure.get("info"), speech.account)
    if wallets is not None:
        return wallets
    found: list[Balance] = []
    for asset, row in structure.items():
        if asset in _NOT_ASSETS or not isinstance(row, dict):
            continue
        balance = balance_of(str(asset), row, speech.account)
        if balance is None:
            skipped(f"balance of {asset} cannot be read")
        elif balance.total or balance.free or balance.locked:
            found.append(balance)
    return tuple(found)


def _wallets(info: Any, account: str) -> tuple[Balance, ...] | None:
    """Wallet balances where the venue states them (Binance futures): ccxt adds unrealized PnL to them."""
    rows = info.get("assets") if isinstance(info, dict) else None
    if not isinstance(rows, list) or not rows or "walletBalance" not in rows[0]:
        return None
    found = []
    for row in rows:
        total, free = decimal_of(row.get("walletBalance")), decimal_of(row.get("availableBalance"))
        if total is None or free is None:
            raise ValueError(f"a wallet that cannot be read: {row.get('asset')!r}")
        locked = decimal_of(row.get("initialMargin")) or ZERO
        if total or free or locked:
            found.append(Balance(account, str(row["asset"]), total, free, locked))
    return tuple(found)


def balance_of(asset: str, row: Any, account: str) -> Balance | None:
    """One asset from ccxt's free, used and total, of which one may be missing."""
    free, used, total = (decimal_of(row.get(key)) for key in ("free", "used", "total"))
    if total is None:
        if free is None and used is None:
            return None
        total = (free or ZERO) + (used or ZERO)
    if free is None:
        free = total - (used or ZERO)
    return Balance(account, asset, total, free, used if used is not None else total - free)


def positions_of(
    structures: Any, speech: Speech, skipped: Skipped, brackets: Brackets | None = None
) -> tuple[Position, ...]:
    """Every position that is not flat; `brackets` as ccxt caches them (`options["leverageBrackets"]`)."""
    found: list[Position] = []
    for structure in structures or ():
        try:
            position = position_of(structure, speech, brackets)
        except (ValueError, TypeError, AttributeError) as error:
            skipped(f"position cannot be read: {error}")
            continue
        if position.quantity:
            found.append(position)
    return tuple(found)


def position_of(structure: Any, speech: Speech, brackets: Brackets | None = None) -> Position:
    """One position; what the venue itself states goes before what ccxt derives.

    Raises:
        ValueError: no symbol, or no quantity in it.
    """
    info = structure.get("info") if isinstance(structure.get("info"), dict) else {}
    contracts = decimal_of(structure.get("contracts"))
    if contracts is None:
        raise ValueError("a position without quantity")
    signed = decimal_of(info.get("positionAmt"))
    if signed is None:
        signed = -abs(contracts) if structure.get("side") == "short" else abs(contracts)
    initial = _said(info, ("positionInitialMargin", "initialMargin"), structure.get("initialMargin"))
    notional = decimal_of(structure.get("notional"))
    isolated = structure.get("marginMode") == "isolated"
    return Position(
        account=speech.account,
        instrument=speech.instrument(structure.get("symbol")),
        position_side=_side(structure, info),
        quantity=signed,
        entry_price=decimal_of(structure.get("entryPrice")) or ZERO,
        mark_price=positive(structure.get("markPrice")),
        unrealized_pnl=decimal_of(structure.get("unrealizedPnl")),
        liquidation_price=positive(structure.get("liquidationPrice")),
        leverage=positive(structure.get("leverage")) or _leverage(notional, initial),
        isolated=isolated,
        initial_margin=initial,
        maintenance_margin=_said(info, ("maintMargin",), structure.get("maintenanceMargin")),
        isolated_wallet=decimal_of(info.get("isolatedWallet")) if isolated else None,
        adl=_adl(info),
        maintenance_steps=_steps(brackets, structure.get("symbol")),
        break_even=positive(info.get("breakEvenPrice")),
    )


def margins_of(structure: Any) -> tuple[Decimal | None, Decimal | None]:
    """(initial, maintenance) margin of the whole account, as the venue's balance answer states them."""
    info = structure.get("info")
    if not isinstance(info, dict):
        return None, None
    return (
        _said(info, ("totalInitialMargin", "totalPositionIM"), None),
        _said(info, ("totalMaintMargin", "totalMaintenanceMargin"), None),
    )


def _said(info: dict[str, Any], keys: tuple[str, ...], otherwise: Any) -> Decimal | None:
    for key in keys:
        found = decimal_of(info.get(key))
        if found is not None:
            return found
    return decimal_of(otherwise)


def _side(structure: Any, info: dict[str, Any]) -> PositionSide:
    named = str(info.get("positionSide") or info.get("ps") or "").upper()
    if named in _SIDES:
        return _SIDES[named]
    if named or structure.get("hedged") is not True:
        return PositionSide.NET
    return PositionSide.SHORT if structure.get("side") == "short" else PositionSide.LONG


def _leverage(notional: Decimal | None, initial: Decimal | None) -> Decimal | None:
    """Where a venue no longer says the leverage, it follows from the margin it holds."""
    if not notional or not initial:
        return None
    return max(Decimal(1), (abs(notional) / initial).quantize(Decimal(1)))


def _adl(info: dict[str, Any]) -> int | None:
    """Place in the deleveraging queue, where the venue says one."""
    said = decimal_of(info.get("adl", info.get("adlQuantile")))
    return int(said) if said is not None and said in _ADL_PLACES else None


def _steps(brackets: Brackets | None, symbol: Any) -> tuple[tuple[Decimal, Decimal], ...]:
    """Maintenance margin by notional; nothing when a row cannot be read: half a ladder would mislead."""
    rows = (brackets or {}).get(str(symbol)) or ()
    found = [(decimal_of(row[0]), decimal_of(row[1])) for row in rows]
    steps = tuple((floor, rate) for floor, rate in found if floor is not None and rate is not None)
    return steps if len(steps) == len(found) else ()
