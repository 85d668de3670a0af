"""The money of a spot account: balances, and what open orders lock of them."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from adapters.paper.events import BalanceChanged
from adapters.paper.ledger import FEES, MARKET, ZERO, Ledger, rounded
from adapters.paper.paper_account import KEPT
from adapters.paper.records import IncomeKind, PaperBalance, PaperIncome
from adapters.paper.refusal import PaperRefusal, RefusalCode
from hedge_tui.domain.order import Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from adapters.paper.sweep import Sweep
    from adapters.paper.tape import Tape
    from adapters.paper.working_order import WorkingOrder


class SpotPurse:
    """Balances of one account; commissions are taken from what is received."""

    __slots__ = ("_changed", "_ledger", "_locked", "_tape", "account", "income")

    def __init__(self, account: str, ledger: Ledger, tape: Tape) -> None:
        self.account = account
        self._ledger = ledger
        self._tape = tape
        self._locked: dict[str, Decimal] = {}
        self._changed: dict[str, Decimal] = {}
        self.income: deque[PaperIncome] = deque(maxlen=KEPT)

    def free(self, asset: str) -> Decimal:
        """What no order locks."""
        return self._ledger.total(self.account, asset) - self._locked.get(asset, ZERO)

    def reserve(self, order: WorkingOrder, reach: Sweep | None, *, forced: bool = False) -> None:
        """Lock what `order` pays with; see `Purse.reserve`."""
        shared = order.partner.locked if order.partner is not None else ZERO
        asset, need = _paying_asset(order), max(_need(order, reach) - shared, ZERO)
        free = self.free(asset)
        if need > free and not forced:
            raise PaperRefusal(
                RefusalCode.INSUFFICIENT_BALANCE, f"needs {need:f} {asset}, free is {free:f} {asset}"
            )
        order.locked = need
        self._lock(asset, need)

    def release(self, order: WorkingOrder) -> None:
        """Unlock what is left; see `Purse.release`."""
        self._take_over(order)
        if order.locked:
            self._lock(_paying_asset(order), -order.locked)
            order.locked = ZERO

    def executable(self, order: WorkingOrder) -> Decimal:
        """All of it: nothing on spot only reduces."""
        return order.remaining

    def reducers(self, order: WorkingOrder) -> Sequence[WorkingOrder]:
        """None: nothing on spot only reduces."""
        del order
        return ()

    def settle(
        self, order: WorkingOrder, price: Decimal, quantity: Decimal, fee_rate: Decimal, trade_id: int
    ) -> tuple[Decimal, str, Decimal]:
        """Exchange base and quote with the market; see `Purse.settle`."""
        del trade_id
        if order.partner is not None:
            self._take_over(order)
            spare = order.locked - _need(order, None)
            order.locked -= spare
            self._lock(_paying_asset(order), -spare)
        instrument = order.instrument
        notional = quantity * price * instrument.contract_size
        base, quote = quantity * instrument.contract_size, notional
        if order.side is Side.BUY:
            paid, received, pays, gets = quote, base, instrument.quote, instrument.base
            unlock = notional if order.price is None else quantity * order.price * instrument.contract_size
        else:
            paid, received, pays, gets = base, quote, instrument.base, instrument.quote
            unlock = base
        order.locked -= unlock
        self._lock(pays, -unlock)
        commission = rounded(received * fee_rate)
        ledger = self._ledger
        ledger.move(self.account, MARKET, pays, paid)
        ledger.move(MARKET, self.account, gets, received)
        ledger.move(self.account, FEES, gets, commission)
        self._note(pays, -paid)
        self._note(gets, received - commission)
        return commission, gets, ZERO

    def withdrawable(self, asset: str) -> Decimal:
        """What may leave the account."""
        return self.free(asset)

    def transfer(self, source: str, asset: str, quantity: Decimal, info: str) -> None:
        """Deposit or withdraw; see `Purse.transfer`."""
        self._ledger.move(source, self.account, asset, quantity)
        self._note(asset, quantity)
        tape = self._tape
        self.income.append(
            PaperIncome(
                self.account,
                tape.income_id(),
                IncomeKind.TRANSFER,
                asset,
                quantity,
                None,
                0,
                tape.now_ns,
                info,
            )
        )

    def flush(self, reason: str) -> None:
        """Tell changed balances; see `Purse.flush`."""
        if not self._changed:
            return
        changed, self._changed = self._changed, {}
        for asset, delta in changed.items():
            total = self._ledger.total(self.account, asset)
            locked = self._locked.get(asset, ZERO)
            self._tape.events.append(
                BalanceChanged(
                    self.account, asset, total, total - locked, locked, delta, reason, self._tape.now_ns
                )
            )

    def balances(self) -> dict[str, PaperBalance]:
        """All assets that it ever had."""
        out = {}
        for asset in self._ledger.assets(self.account):
            total, free = self._ledger.total(self.account, asset), self.free(asset)
            out[asset] = PaperBalance(total, free, total - free)
        return out

    @staticmethod
    def _take_over(order: WorkingOrder) -> None:
        """Let `order` have what it shared with the other one of its pair, which will not trade any more."""
        partner = order.partner
        if partner is None:
            return
        order.locked, partner.locked = order.locked + partner.locked, ZERO
        order.partner = partner.partner = None

    def _lock(self, asset: str, quantity: Decimal) -> None:
        if quantity:
            self._locked[asset] = self._locked.get(asset, ZERO) + quantity
            self._changed.setdefault(asset, ZERO)

    def _note(self, asset: str, delta: Decimal) -> None:
        self._changed[asset] = self._changed.get(asset, ZERO) + delta


def _paying_asset(order: WorkingOrder) -> str:
    return order.instrument.quote if order.side is Side.BUY else order.instrument.base


def _need(order: WorkingOrder, reach: Sweep | None) -> Decimal:
    """What the rest of `order` costs at worst, in its paying asset."""
    size = order.instrument.contract_size
    if order.side is Side.SELL:
        return order.remaining * size
    if order.price is not None:
        return order.remaining * order.price * size
    if order.waiting:
        price = order.trigger_price or order.start_price
        if price is None:
            raise PaperRefusal(RefusalCode.NO_LIQUIDITY, "no price is known that it could be paid at")
        return order.remaining * price * size
    assert reach is not None
    return reach.notional
