"""Risk of the desk with exact digits: the query `risk`, which `hedge risk` prints."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.command.ast import Stress
from hedge_tui.command.parser import parse
from hedge_tui.domain.errors import CommandError
from hedge_tui.engine import portfolio
from hedge_tui.engine.board.risk import MOVES
from hedge_tui.engine.exact import digits, money
from hedge_tui.engine.risk.delta import deltas
from hedge_tui.engine.risk.moves import Moves
from hedge_tui.engine.risk.stress import stress
from hedge_tui.engine.risk.stress_words import moves_of, stress_document

if TYPE_CHECKING:
    from hedge_tui.engine.board.risk import RiskBooks
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.risk.account_risk import AccountRisk

ZERO = Decimal(0)
FRACTION = portfolio.FRACTION


def risk_document(desk: Desk, books: RiskBooks, moves: str = "") -> dict[str, Any]:
    """Accounts now and if orders fill, net delta by asset, and stress.

    Args:
        desk: accounts, orders and instruments.
        books: the desk as it is and as it would be.
        moves: as typed after `stress`; "" for the usual table alone.

    Raises:
        CommandError: the moves cannot be read.
    """
    typed = _typed(moves) if moves.strip() else None
    books.clear()
    book, counted, instruments = books.now, books.counted, desk.markets.instruments
    found: dict[str, Any] = {
        "currency": desk.reporting,
        "accounts": [_account(name, desk, books) for name in (holder.name for holder in book.holders)],
        "deltas": [
            {
                "account": holder.name,
                "asset": asset,
                "quantity": digits(delta.quantity),
                "value": money(delta.value),
            }
            for holder in book.holders
            for asset, delta in deltas(holder, book).items()
        ],
        "table": [
            stress_document(stress(counted, Moves(percent / 100), locate=False), instruments)
            for percent in MOVES
        ],
        "stress": None,
    }
    for row in found["table"]:
        del row["accounts"]
    if typed is not None:
        found["stress"] = stress_document(stress(counted, typed), instruments)
    return found


def _typed(moves: str) -> Moves:
    body = parse(f"stress {moves}").cmds
    if len(body) > 1 or not isinstance(body[0].body, Stress):
        raise CommandError("one stress at a time", (0, len(moves)), "for example: BTC -15% ETH -20%")
    return moves_of(body[0].body)


def _account(name: str, desk: Desk, books: RiskBooks) -> dict[str, Any]:
    found = books.assessed(name)
    assert found is not None
    now, buys, sells = found
    return {
        "account": name,
        "venue": desk.accounts[name].account.venue,
        **_figures(now),
        "orders": sum(1 for _ in desk.state.working_orders(name)),
        "unknown": books.doubtful(name),
        "if_buys_fill": _figures(buys),
        "if_sells_fill": _figures(sells),
    }


def _figures(one: AccountRisk) -> dict[str, Any]:
    leg = one.nearest
    return {
        "equity": money(one.equity),
        "exposure": money(one.exposure),
        "gross_exposure": money(one.gross_exposure),
        "leverage": _fraction(one.leverage),
        "margin_ratio": _fraction(one.margin_ratio),
        "nearest_liquidation": None
        if leg is None
        else {
            "instrument": leg.instrument.id,
            "side": "long" if leg.quantity > 0 else "short",
            "liquidation_price": digits(leg.liquidation_price),
            "liquidation_distance": _fraction(one.nearest_distance),
        },
        "liquidation_move": _fraction(one.move),
    }


def _fraction(value: Decimal | None) -> str | None:
    return None if value is None else digits(value.quantize(FRACTION))
