"""Cancels the orders of one account, ahead of everything else on the wire. Used by `execution`."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.answers import CANCELLING, NOT_READY, UNREADABLE, Answers, restated
from adapters.via_ccxt.errors import Blame, Verdict
from adapters.via_ccxt.order_ids import to_venue
from adapters.via_ccxt.parse_order import report_of
from hedge_tui.domain.errors import HedgeError, Refused
from hedge_tui.domain.instrument import InstrumentId, symbol_of
from hedge_tui.domain.order import OrderRef
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring


_COUNTDOWN_S = 3.0
"""Longest wait for the budget; the next winding up comes soon."""


class CancelDesk:
    """The cancel calls of one account.

    Args:
        caller, wiring, speech: of the account's instance.
        resting: asks the open orders, for venues that cannot cancel all at once.
    """

    def __init__(
        self,
        caller: VenueCaller,
        wiring: Wiring,
        speech: Speech,
        resting: Callable[[], Awaitable[list[Report]]],
    ) -> None:
        self._caller = caller
        self._quirks = wiring.quirks
        self._speech = speech
        self._answers = Answers(wiring, speech)
        self._resting = resting

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """One report per reference, in their order."""
        if not self._caller.ready:
            return [self._answers.failed(ref, NOT_READY, CANCELLING) for ref in refs]
        batches, singles = self._groups(refs)
        done = await asyncio.gather(
            *(self._batch(batch) for batch in batches), *(self._one(ref) for ref in singles)
        )
        reports = {report.client_order_id: report for group in done for report in group}
        return [reports[ref.client_order_id] for ref in refs]

    async def cancel_all(self, instrument: InstrumentId) -> bool:
        """Everything resting in one instrument, conditional orders too; False when it is uncertain."""
        if not self._caller.ready:
            return False
        if not self._quirks.cancel_all:
            return await self._each(instrument)
        symbol = symbol_of(instrument)
        ways = [{}, dict(self._quirks.trigger_params)] if self._quirks.separate_triggers else [{}]

        def cancelling(way: dict[str, Any]) -> Callable[[Any], Any]:
            return lambda x: x.cancel_all_orders(symbol, way)

        answers = await asyncio.gather(*(self._caller.call(Lane.CANCEL, cancelling(way)) for way in ways))
        # "Nothing to cancel" is a refusal at some venues, and the outcome asked for.
        return all(a.verdict is None or a.verdict.absent for a in answers)

    async def dead_man(self, instrument: InstrumentId, seconds: int) -> None:
        """Start the venue's count-down over one instrument anew, or (0) take it off."""
        raw = self._quirks.countdown_call
        if not raw:
            raise Refused(f"{self._quirks.venue} has no dead-man switch that is proven")
        market = self._caller.instance.market(symbol_of(instrument))["id"]
        words = {"symbol": market, "countdownTime": seconds * 1_000}
        await self._caller.ask(Lane.RECONCILE, lambda x: getattr(x, raw)(words), _COUNTDOWN_S)

    async def _each(self, instrument: InstrumentId) -> bool:
        try:
            reports = [report for report in await self._resting() if report.instrument == instrument]
        except HedgeError:
            return False
        refs = [
            OrderRef(
                one.account,
                one.instrument,
                one.client_order_id,
                one.venue_order_id,
                triggered=one.request is not None and one.request.type.triggered,
            )
            for one in reports
        ]
        done = await self.cancel(refs)
        return all(report.kind is not ReportKind.CANCEL_NO_ANSWER for report in done)

    def _groups(self, refs: Sequence[OrderRef]) -> tuple[list[list[OrderRef]], list[OrderRef]]:
        """(batches of one symbol each, those that go alone)."""
        quirks = self._quirks
        if quirks.cancel_batch < 2 or not quirks.cancel_ids_param:
            return [], list(refs)
        by_symbol: dict[str, list[OrderRef]] = {}
        singles: list[OrderRef] = []
        for ref in refs:
            if ref.triggered and quirks.separate_triggers:
                singles.append(ref)
            else:
                by_symbol.setdefault(symbol_of(ref.instrument), []).append(ref)
        batches: list[list[OrderRef]] = []
        for group in by_symbol.values():
            for start in range(0, len(group), quirks.cancel_batch):
                part = group[start : start + quirks.cancel_batch]
                if len(part) == 1:
                    singles += part
                else:
                    batches.append(part)
        return batches, singles

    async def _batch(self, refs: Sequence[OrderRef]) -> list[Report]:
        symbol = symbol_of(refs[0].instrument)
        ids = [to_venue(ref.client_order_id, self._quirks.id_form) for ref in refs]
        params = {self._quirks.cancel_ids_param: ids}
        answer = await self._caller.call(Lane.CANCEL, lambda x: x.cancel_orders([], symbol, params))
        matched = self._answers.matched(answer, [ref.client_order_id for ref in refs])
        return [
            self._answers.failed(ref, found.verdict, CANCELLING)
            if found.verdict is not None
            else self._done(found.row, ref)
            for ref, found in zip(refs, matched, strict=True)
        ]

    async def _one(self, ref: OrderRef) -> list[Report]:
        quirks = self._quirks
        said = to_venue(ref.client_order_id, quirks.id_form)
        if quirks.cancel_id_param:
            venue_id, params = None, {quirks.cancel_id_param: said}
        else:
            venue_id, params = ref.venue_order_id or said, {}
        if ref.triggered:
            params = {**params, **quirks.trigger_params}
        answer = await self._caller.call(
            Lane.CANCEL, lambda x: x.cancel_order(venue_id, symbol_of(ref.instrument), params)
        )
        if answer.verdict is not None:
            return [self._answers.failed(ref, answer.verdict, CANCELLING)]
        return [self._done(answer.value, ref)]

    def _done(self, row: Any, ref: OrderRef) -> Report:
        """A cancel's positive answer, which at some venues only says that it was understood."""
        info = row.get("info") if isinstance(row, dict) else None
        done = (isinstance(info, dict) and str(info.get("code")) == "200") or (
            isinstance(row, dict) and bool(row.get("id")) and not self._quirks.acks_only
        )
        if not done:
            verdict = Verdict(Blame.UNKNOWN, "the cancel was taken; the stream tells the rest")
            return self._answers.failed(ref, verdict, CANCELLING)
        try:
            row = {**row, "symbol": symbol_of(ref.instrument)}
            said = report_of(row, self._speech, client_id=ref.client_order_id)
        except UNREADABLE:
            said = self._answers.failed(ref, Verdict(Blame.UNKNOWN, ""), CANCELLING)
        kind = said.kind if said.kind is ReportKind.LAST_FILL else ReportKind.CANCELLED
        return restated(said, kind)
