"""A stress test as a person reads it, and as a program does; pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain.instrument import symbol_of
from hedge_tui.engine.exact import digits, money
from hedge_tui.engine.portfolio import FRACTION
from hedge_tui.engine.risk.moves import Moves

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hedge_tui.command.ast import Stress
    from hedge_tui.domain.instrument import Instrument, InstrumentId
    from hedge_tui.engine.risk.stress import Liquidation, StressedAccount, StressResult

ZERO = Decimal(0)
HUNDRED = Decimal(100)
MOST_PRICES = 3
"""Instruments named of one liquidation; an account may hold a hundred."""


def moves_of(body: Stress) -> Moves:
    """What was typed, as fractions."""
    by_asset = {asset: percent / HUNDRED for asset, percent in body.by_asset}
    return Moves((body.everything or ZERO) / HUNDRED, by_asset)


def moves_words(moves: Moves) -> str:
    """The moves as they would be typed."""
    words = [_signed(moves.everything)] if moves.everything or not moves.by_asset else []
    return " ".join(words + [f"{asset} {_signed(move)}" for asset, move in moves.by_asset.items()])


def stress_text(result: StressResult, reporting: str, instruments: Mapping[InstrumentId, Instrument]) -> str:
    """Every liquidation with its prices, then a table of accounts with the desk below it."""
    lines = [f"stress {moves_words(result.moves)}, in {reporting}", ""]
    found = [one for account in result.accounts for one in account.liquidations]
    lines += [_liquidation_words(one, result.moves, instruments) for one in found]
    lines += [""] * bool(found)
    if not result.accounts:
        return "\n".join([*lines, "no account has told what it holds yet"])
    width = max(11, *(len(account.account) + 1 for account in result.accounts))
    lines.append(f"{'account':<{width}}{'equity':>14}{'change':>15}{'change %':>9}{'margin %':>9}")
    for one in sorted(result.accounts, key=lambda account: account.change):
        row = _row(one.account, one.equity, one.change, one.margin_ratio, width)
        lines.append(row + "  LIQUIDATED" * bool(one.liquidations))
    lines.append(_row("desk", result.equity, result.change, None, width))
    return "\n".join(lines)


def stress_document(result: StressResult, instruments: Mapping[InstrumentId, Instrument]) -> dict[str, Any]:
    """With exact digits, for `--json`; fractions where a word ends in `ratio` or `move`."""
    moves = result.moves
    return {
        "move": digits(moves.everything),
        "by_asset": {asset: digits(move) for asset, move in moves.by_asset.items()},
        "equity": money(result.equity),
        "change": money(result.change),
        "liquidated": list(result.liquidated),
        "accounts": [_account_document(one, moves, instruments) for one in result.accounts],
    }


def _account_document(
    one: StressedAccount, moves: Moves, instruments: Mapping[InstrumentId, Instrument]
) -> dict[str, Any]:
    ratio = one.margin_ratio
    return {
        "account": one.account,
        "equity": money(one.equity),
        "change": money(one.change),
        "margin_ratio": f"{ratio:.6f}" if ratio is not None else None,
        "liquidations": [
            {
                "settle": each.settle,
                "margin_mode": "isolated" if each.isolated else "cross",
                "share": digits(each.share.quantize(FRACTION)),
                "move": digits((moves.everything * each.share).quantize(FRACTION)),
                "prices": {id_: digits(_on_tick(price, instruments.get(id_))) for id_, price in each.prices},
            }
            for each in one.liquidations
        ],
    }


def _row(name: str, equity: Decimal, change: Decimal, ratio: Decimal | None, width: int) -> str:
    before = equity - change
    percent = f"{change / before * HUNDRED:+.1f}" if before > 0 else "-"
    margin = f"{ratio * HUNDRED:.1f}" if ratio is not None else "-"
    return f"{name:<{width}}{equity:>14,.2f}{change:>+15,.2f}{percent:>9}{margin:>9}"


def _liquidation_words(one: Liquidation, moves: Moves, instruments: Mapping[InstrumentId, Instrument]) -> str:
    at = ", ".join(
        f"{symbol_of(id_)} at {_on_tick(price, instruments.get(id_)):,f}"
        for id_, price in one.prices[:MOST_PRICES]
    )
    more = f" and {len(one.prices) - MOST_PRICES} more" if len(one.prices) > MOST_PRICES else ""
    mode = "isolated" if one.isolated else f"cross {one.settle}"
    way = (
        f"{moves.everything * one.share * HUNDRED:+.2f} %"
        if moves.everything
        else f"{one.share * HUNDRED:.1f} % of it"
    )
    return f"{one.account} ({mode}) is liquidated after {way}: {at}{more}"


def _on_tick(price: Decimal, instrument: Instrument | None) -> Decimal:
    return price.quantize(instrument.grid.tick) if instrument is not None else price


def _signed(move: Decimal) -> str:
    percent = (move * HUNDRED).normalize()
    return f"{percent:+f}%"
