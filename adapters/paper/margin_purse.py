"""The money of a USD-M account: wallet, legs, margin; cross by default, isolated per instrument."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from adapters.paper.events import BalanceChanged, PositionChanged
from adapters.paper.isolated_margin import trade_margin
from adapters.paper.ledger import FEES, MARKET, ZERO, Ledger, rounded
from adapters.paper.leg import Leg
from adapters.paper.margin_brackets import largest_notional
from adapters.paper.margin_sums import MarginSums, largest_side, present_notional
from adapters.paper.margin_view import position_of
from adapters.paper.paper_account import KEPT
from adapters.paper.records import IncomeKind, PaperBalance, PaperIncome, PaperMarginChange
from adapters.paper.refusal import PaperRefusal, RefusalCode
from hedge_tui.domain.order import PositionSide, Side

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from adapters.paper.instrument_book import InstrumentBook
    from adapters.paper.sweep import Sweep
    from adapters.paper.tape import Tape
    from adapters.paper.working_order import WorkingOrder
    from hedge_tui.domain.instrument import InstrumentId


class MarginPurse:
    """One account's wallet and positions.

    Attributes:
        hedge_mode: long and short legs are held apart.
        leverages, isolated: by instrument, where they differ from the account's default.
        legs: every leg that was ever touched.
        sums: running margin totals by settle asset.
        income: movements of money, oldest first. margin_changes: of isolated margin, likewise.
    """

    __slots__ = (
        "_books",
        "_changed",
        "_default_leverage",
        "_ledger",
        "_tape",
        "_touched",
        "account",
        "hedge_mode",
        "income",
        "isolated",
        "legs",
        "leverages",
        "margin_changes",
        "sums",
    )

    def __init__(
        self,
        account: str,
        ledger: Ledger,
        tape: Tape,
        books: dict[InstrumentId, InstrumentBook],
        leverage: Decimal,
    ) -> None:
        self.account = account
        self.hedge_mode = False
        self.leverages: dict[InstrumentId, Decimal] = {}
        self.isolated: set[InstrumentId] = set()
        self.legs: dict[tuple[InstrumentId, PositionSide], Leg] = {}
        self.sums: dict[str, MarginSums] = {}
        self.income: deque[PaperIncome] = deque(maxlen=KEPT)
        self.margin_changes: deque[PaperMarginChange] = deque(maxlen=KEPT)
        self._ledger = ledger
        self._tape = tape
        self._books = books
        self._default_leverage = leverage
        self._changed: dict[str, Decimal] = {}
        self._touched: dict[tuple[InstrumentId, PositionSide], Leg] = {}

    def leverage(self, instrument: InstrumentId) -> Decimal:
        """As set, at most what the instrument allows."""
        leverage = self.leverages.get(instrument)
        if leverage is None:
            top = self._books[instrument].brackets[0].max_leverage
            leverage = self.leverages[instrument] = min(self._default_leverage, top)
        return leverage

    def leg(self, instrument: InstrumentId, side: PositionSide) -> Leg:
        """One leg, made when first asked for."""
        found = self.legs.get((instrument, side))
        if found is None:
            found = self.legs[instrument, side] = Leg(self._books[instrument], side)
        return found

    def sums_of(self, asset: str) -> MarginSums:
        """Running totals in `asset`."""
        found = self.sums.get(asset)
        if found is None:
            found = self.sums[asset] = MarginSums()
        return found

    def wallet(self, asset: str) -> Decimal:
        """Money without unrealized PnL."""
        return self._ledger.total(self.account, asset)

    def available(self, asset: str) -> Decimal:
        """What new orders may use; below zero when short of margin."""
        return self.sums_of(asset).available(self.wallet(asset))

    def refresh(self, leg: Leg) -> None:
        """Bring the sums up to date with a leg whose quantity, orders or mark changed."""
        instrument = leg.book.instrument
        self.sums_of(instrument.settle).refresh(
            leg, self.leverage(instrument.id), isolated=instrument.id in self.isolated
        )
        if leg.idle:
            self._forget(leg)
        else:
            leg.book.holders[self.account] = self

    def reserve(self, order: WorkingOrder, reach: Sweep | None, *, forced: bool = False) -> None:
        """Count `order` into the margin; see `Purse.reserve`. A waiting stop needs none yet."""
        leg = self.leg(order.instrument.id, order.position_side)
        if order.waiting:
            if order.close_position:
                leg.closers[order.order_id] = order
            return
        if order.reducing:
            if not forced and self.executable(order) <= 0:
                raise PaperRefusal(
                    RefusalCode.REDUCE_ONLY,
                    f"{order.side} {order.remaining:f} would not reduce a position of {leg.quantity:f}",
                )
            leg.reducers[order.order_id] = order
            leg.book.holders[self.account] = self
            return
        price = _margin_price(order, leg.book, reach)
        before = leg.initial + leg.order_initial
        order.margin_price = price
        self._count(leg, order, order.remaining)
        self.refresh(leg)
        if not forced:
            try:
                self._check(leg, order, price, before)
            except PaperRefusal:
                self.release(order)
                raise

    def reserve_at(self, order: WorkingOrder, price: Decimal) -> None:
        """Count `order` into the margin at the price that it counted at once before."""
        leg = self.leg(order.instrument.id, order.position_side)
        order.margin_price = price
        self._count(leg, order, order.remaining)
        self.refresh(leg)

    def release(self, order: WorkingOrder) -> None:
        """Take the rest of `order` out of the margin; see `Purse.release`."""
        leg = self.leg(order.instrument.id, order.position_side)
        leg.closers.pop(order.order_id, None)
        if leg.reducers.pop(order.order_id, None) is not None:
            if leg.idle:
                self._forget(leg)
        elif order.margin_price is not None:
            if order.remaining:
                self._count(leg, order, -order.remaining)
                self.refresh(leg)
            order.margin_price = None

    def executable(self, order: WorkingOrder) -> Decimal:
        """What is left to reduce; see `Purse.executable`."""
        held = self.leg(order.instrument.id, order.position_side).quantity
        return max(held if order.side is Side.SELL else -held, ZERO)

    def reducers(self, order: WorkingOrder) -> Sequence[WorkingOrder]:
        """Reducing orders of the same leg; see `Purse.reducers`."""
        leg = self.legs.get((order.instrument.id, order.position_side))
        if leg is None or not (leg.reducers or leg.closers):
            return ()
        return (*leg.reducers.values(), *leg.closers.values())

    def settle(
        self, order: WorkingOrder, price: Decimal, quantity: Decimal, fee_rate: Decimal, trade_id: int
    ) -> tuple[Decimal, str, Decimal]:
        """Move the position and the wallet; see `Purse.settle`. `order` counts it as executed later."""
        instrument = order.instrument
        leg = self.leg(instrument.id, order.position_side)
        if order.margin_price is not None:
            self._count(leg, order, -quantity)
        held = leg.quantity
        realized = leg.apply(quantity * order.side.sign, price)
        notional = quantity * price * instrument.contract_size
        commission = rounded(notional * fee_rate)
        closed = min(quantity, abs(held)) if held * order.side.sign < 0 else ZERO
        opened = quantity - closed
        if opened:
            leg.fees += commission if not closed else rounded(commission * opened / quantity)
        if instrument.id in self.isolated:
            trade_margin(self, leg, held, closed, opened * price * instrument.contract_size)
        leg.update_ns = self._tape.now_ns
        asset = instrument.settle
        if realized:
            self.book(
                MARKET, asset, realized, IncomeKind.REALIZED_PNL, instrument=instrument.id, trade_id=trade_id
            )
        if commission:
            self.book(
                FEES, asset, -commission, IncomeKind.COMMISSION, instrument=instrument.id, trade_id=trade_id
            )
        self._changed.setdefault(asset, ZERO)
        self.touch(leg)
        self.refresh(leg)
        return commission, asset, realized

    def book(
        self,
        source: str,
        asset: str,
        quantity: Decimal,
        kind: IncomeKind,
        *,
        instrument: InstrumentId | None = None,
        trade_id: int = 0,
        info: str = "",
    ) -> None:
        """Move money from an internal account into the wallet (or out, when negative) and record it."""
        self._ledger.move(source, self.account, asset, quantity)
        self._changed[asset] = self._changed.get(asset, ZERO) + quantity
        self.income.append(
            PaperIncome(
                self.account,
                self._tape.income_id(),
                kind,
                asset,
                quantity,
                instrument,
                trade_id,
                self._tape.now_ns,
                info,
            )
        )

    def withdrawable(self, asset: str) -> Decimal:
        """What may leave the account: never unrealized profit."""
        return max(min(self.available(asset), self.wallet(asset)), ZERO)

    def transfer(self, source: str, asset: str, quantity: Decimal, info: str) -> None:
        """Deposit or withdraw; see `Purse.transfer`."""
        self.book(source, asset, quantity, IncomeKind.TRANSFER, info=info)

    def touch(self, leg: Leg) -> None:
        """Let the next flush tell this leg."""
        self._touched[leg.book.instrument.id, leg.side] = leg

    @property
    def now_ns(self) -> int:
        """Time of the running call."""
        return self._tape.now_ns

    def tell_margin_moved(self, leg: Leg) -> None:
        """Tell that a position's own margin changed while the wallet as a whole did not."""
        self._changed.setdefault(leg.book.instrument.settle, ZERO)
        self.touch(leg)
        self.flush("MARGIN_TRANSFER")

    def flush(self, reason: str) -> None:
        """Tell changed wallets, then changed positions; see `Purse.flush`."""
        tape = self._tape
        if self._changed:
            changed, self._changed = self._changed, {}
            for asset, delta in changed.items():
                total = self.wallet(asset)
                free = max(self.available(asset), ZERO)
                tape.events.append(
                    BalanceChanged(self.account, asset, total, free, total - free, delta, reason, tape.now_ns)
                )
        if self._touched:
            touched, self._touched = self._touched, {}
            for leg in touched.values():
                tape.events.append(PositionChanged(self.account, position_of(self, leg), reason, tape.now_ns))

    def balances(self) -> dict[str, PaperBalance]:
        """All assets that it ever had."""
        out = {}
        for asset in self._ledger.assets(self.account):
            total, free = self.wallet(asset), max(self.available(asset), ZERO)
            out[asset] = PaperBalance(total, free, total - free)
        return out

    def _count(self, leg: Leg, order: WorkingOrder, quantity: Decimal) -> None:
        assert order.margin_price is not None
        notional = quantity * order.margin_price * order.instrument.contract_size
        if order.side is Side.BUY:
            leg.bid_notional += notional
        else:
            leg.ask_notional += notional

    def _check(self, leg: Leg, order: WorkingOrder, price: Decimal, before: Decimal) -> None:
        """Refuse what `leg`, which counts `order` already, cannot carry."""
        instrument = leg.book.instrument
        more = leg.initial + leg.order_initial - before
        if more <= 0:
            return
        leverage = self.leverage(instrument.id)
        notional, cap = (
            largest_side(leg, present_notional(leg)),
            largest_notional(leg.book.brackets, leverage),
        )
        if notional > cap:
            raise PaperRefusal(
                RefusalCode.MAX_POSITION,
                f"a position of {notional:f} {instrument.quote} is above {cap:f} at leverage {leverage:f}",
            )
        mark = leg.book.mark
        worse = max((price - mark) * order.side.sign, ZERO) if mark is not None else ZERO
        loss = worse * order.remaining * instrument.contract_size
        available = self.available(instrument.settle) + more
        if more + loss > available:
            raise PaperRefusal(
                RefusalCode.INSUFFICIENT_MARGIN,
                f"needs {more + loss:f} {instrument.settle} of margin, available is {available:f}",
            )

    def _forget(self, leg: Leg) -> None:
        instrument = leg.book.instrument.id
        others = (self.legs.get((instrument, side)) for side in PositionSide)
        if all(other is None or other.idle for other in others):
            leg.book.holders.pop(self.account, None)


def _margin_price(order: WorkingOrder, book: InstrumentBook, reach: Sweep | None) -> Decimal:
    """The price at which an order counts: a market order's average, a sell's better of limit and bid."""
    if order.price is None:
        if reach is not None and reach.quantity:
            return rounded(reach.notional / (reach.quantity * order.instrument.contract_size))
        return book.mark or ZERO
    if order.side is Side.SELL:
        return max(order.price, book.bids.best_price() or ZERO)
    return order.price
