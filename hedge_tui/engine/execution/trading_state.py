"""What the states ACTIVE, REDUCING and HALTED let through; pure. Asked by planner, gate and executor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.instrument import InstrumentKind
from hedge_tui.domain.margin import Term
from hedge_tui.domain.order import Side
from hedge_tui.domain.plan import Act, Leg
from hedge_tui.domain.trading import Hold, TradingState, scope_words, source_scope
from hedge_tui.engine.execution.limits import scopes_of
from hedge_tui.engine.markets import DOLLARS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from decimal import Decimal

    from hedge_tui.domain.account import Account
    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.execution.view import View


def panic_words(account: AccountState) -> str:
    """Why nothing but cancels may leave for an account that panic works on, or ""."""
    if not account.panicking:
        return ""
    return f"panic works on {account.name}: `panic stop` ends it, then send again"


def worst_hold(holds: Mapping[str, Hold], scopes: Iterable[str]) -> tuple[str, Hold] | None:
    """The worst of these scopes that are held, the widest first among equals; None when all are ACTIVE."""
    found = [(scope, holds[scope]) for scope in scopes if scope in holds]
    return max(found, key=lambda one: one[1].state.rank, default=None)


def trading_state(holds: Mapping[str, Hold], account: Account) -> TradingState:
    """What holds for an account: the worst of the desk's, its groups' and its own."""
    found = worst_hold(holds, scopes_of(account))
    return found[1].state if found is not None else TradingState.ACTIVE


def bar(holds: Mapping[str, Hold], account: Account, origin: str = "", *, reduces: bool) -> str:
    """Why an order of an account may not leave now, or "".

    Args:
        holds: by scope.
        account: the order's.
        origin: of the order; "" looks at no source.
        reduces: it only shrinks a position.
    """
    found = barrier(holds, account, origin, reduces=reduces)
    return words_of(*found) if found is not None else ""


def barrier(
    holds: Mapping[str, Hold], account: Account, origin: str = "", *, reduces: bool
) -> tuple[str, Hold] | None:
    """The scope and the hold that bar it; arguments as of `bar`."""
    if not holds:
        return None
    scopes = (*scopes_of(account), *((source_scope(origin),) if origin else ()))
    found = worst_hold(holds, scopes)
    return None if found is None or (reduces and found[1].state is TradingState.REDUCING) else found


def words_of(scope: str, hold: Hold) -> str:
    """What is held, why, and how to lift it."""
    why = f" ({hold.reason})" if hold.reason else ""
    lets = (
        "only cancels go through" if hold.state is TradingState.HALTED else "only what reduces goes through"
    )
    return f"{scope_words(scope)} is {hold.state.upper()}{why}: {lets}; to lift it: {lifting(scope)}"


def lifting(scope: str) -> str:
    """The line that makes a scope ACTIVE again."""
    kind, _, name = scope.partition(":")
    return "resume" if not scope else f"resume {scope if kind == 'source' else name}"


def leg_barrier(leg: Leg, view: View, origin: str) -> tuple[str, Hold] | None:
    """What bars a leg now, None when it may leave; cancels always may."""
    if leg.act is Act.CANCEL:
        return None
    account = view.accounts[leg.account].account
    return barrier(view.state.restraints.holds, account, origin, reduces=lowers(leg, view))


def lowers(leg: Leg, view: View) -> bool:
    """Whether a leg cannot make anything larger or riskier than it is."""
    if leg.act is Act.PLACE:
        return leg.request is not None and (leg.exit or shrinks(leg.request, view))
    if leg.act is Act.AMEND:
        old = leg.request
        if old is None or leg.quantity is None:
            return False
        return shrinks(old, view) or (leg.quantity <= old.quantity and not _nearer(leg.price, old))
    if leg.act is Act.LEVERAGE:
        now = view.accounts[leg.account].leverage.get(leg.instrument)
        return now is not None and leg.quantity is not None and leg.quantity < now
    change = leg.change
    return change is not None and change.term is Term.MARGIN and not change.new.startswith("-")


def shrinks(request: OrderRequest, view: View) -> bool:
    """Whether an order can only take risk away: by the venue's own rule, or a coin sold for cash."""
    if request.only_reduces:
        return True
    instrument = view.markets.instruments.get(request.instrument)
    if instrument is None or instrument.kind is not InstrumentKind.SPOT or request.side is Side.BUY:
        return False
    return instrument.quote in (*DOLLARS, view.markets.reporting)


def _nearer(price: Decimal | None, old: OrderRequest) -> bool:
    """Whether an amendment brings an order nearer to being filled."""
    if price is None or old.price is None:
        return price is not old.price
    return (price - old.price) * old.side.sign > 0
