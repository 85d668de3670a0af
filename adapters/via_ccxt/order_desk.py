"""Places, cancels and amends the orders of one account, and says of each what is certain.

Never raises for a venue's answer; used by `execution`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.batch import match_rows
from adapters.via_ccxt.errors import LOCAL, Blame, Verdict, judge, judge_answer
from adapters.via_ccxt.order_call import CannotSay, OrderCall, order_call
from adapters.via_ccxt.order_ids import to_venue
from adapters.via_ccxt.parse_order import client_id_of, report_of
from adapters.via_ccxt.quirks import Amend
from adapters.via_ccxt.replacement import replace_order
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from decimal import Decimal

    from adapters.via_ccxt.caller import Answer, VenueCaller
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring
    from hedge_tui.domain.order import OrderRef, OrderRequest

_PATIENCE_S = 5.0
_PLACING = {
    Blame.NOT_SENT: ReportKind.NOT_SENT,
    Blame.REFUSED: ReportKind.REJECTED,
    Blame.BUSY: ReportKind.REJECTED,
    Blame.UNKNOWN: ReportKind.NO_ANSWER,
}
_CANCELLING = {
    Blame.NOT_SENT: ReportKind.CANCEL_REFUSED,
    Blame.REFUSED: ReportKind.CANCEL_REFUSED,
    Blame.BUSY: ReportKind.CANCEL_REFUSED,
    Blame.UNKNOWN: ReportKind.CANCEL_NO_ANSWER,
}
_AMENDING = {
    Blame.NOT_SENT: ReportKind.AMEND_REFUSED,
    Blame.REFUSED: ReportKind.AMEND_REFUSED,
    Blame.BUSY: ReportKind.AMEND_REFUSED,
    Blame.UNKNOWN: ReportKind.AMEND_NO_ANSWER,
}
_ENDED = frozenset({ReportKind.LAST_FILL, ReportKind.EXPIRED, ReportKind.CANCELLED, ReportKind.REJECTED})


class OrderDesk:
    """The order calls of one account.

    Args:
        caller, wiring, speech: of the account's instance.
        noticed: told about each instrument that an order goes to.
        say: told what a call teaches about another order than the one it is about.
    """

    def __init__(
        self,
        caller: VenueCaller,
        wiring: Wiring,
        speech: Speech,
        *,
        noticed: Callable[[str], None],
        say: Callable[[Report], None],
    ) -> None:
        self._say = say
        self._caller = caller
        self._wiring = wiring
        self._quirks = wiring.quirks
        self._speech = speech
        self._noticed = noticed

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """One report per request, in their order."""
        reports: dict[str, Report] = {}
        calls: list[tuple[OrderRequest, OrderCall]] = []
        for request in requests:
            self._noticed(request.instrument)
            if not self._caller.ready:
                reports[request.client_order_id] = self._failed(request, _not_ready(), _PLACING)
                continue
            try:
                calls.append((request, order_call(request, self._quirks)))
            except CannotSay as error:
                verdict = Verdict(Blame.NOT_SENT, str(error), LOCAL)
                reports[request.client_order_id] = self._failed(request, verdict, _PLACING)
        for done in await asyncio.gather(*(self._send(group) for group in self._groups(calls))):
            reports |= {report.client_order_id: report for report in done}
        return [reports[request.client_order_id] for request in requests]

    async def cancel(self, refs: Sequence[OrderRef]) -> list[Report]:
        """One report per reference, in their order."""
        if not self._caller.ready:
            return [self._failed(ref, _not_ready(), _CANCELLING) for ref in refs]
        batches, singles = self._cancel_groups(refs)
        done = await asyncio.gather(
            *(self._cancel_batch(batch) for batch in batches), *(self._cancel_one(ref) for ref in singles)
        )
        reports = {report.client_order_id: report for group in done for report in group}
        return [reports[ref.client_order_id] for ref in refs]

    async def cancel_all(self, symbol: str) -> bool:
        """Everything resting in one symbol, conditional orders too; False when the outcome is unknown."""
        ways = [{}, dict(self._quirks.trigger_params)] if self._quirks.separate_triggers else [{}]

        def cancelling(way: dict[str, Any]) -> Callable[[Any], Any]:
            return lambda x: x.cancel_all_orders(symbol, way)

        answers = await asyncio.gather(*(self._caller.call(Lane.CANCEL, cancelling(way)) for way in ways))
        # "Nothing to cancel" is a refusal at some venues, and the outcome asked for.
        return all(a.verdict is None or a.verdict.absent for a in answers)

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """Make the order rest as `request` says; see `ExecutionClient.amend`."""
        refused = self._cannot_amend(ref, request)
        if refused:
            return self._failed(ref, Verdict(Blame.REFUSED, refused, LOCAL), _AMENDING)
        if not self._caller.ready:
            return self._failed(ref, _not_ready(), _AMENDING)
        try:
            call = order_call(request, self._quirks)
        except CannotSay as error:
            return self._failed(ref, Verdict(Blame.NOT_SENT, str(error), LOCAL), _AMENDING)
        if self._quirks.amend is Amend.REPLACE:
            return await replace_order(
                ref,
                request,
                call,
                caller=self._caller,
                wiring=self._wiring,
                speech=self._speech,
                say=self._say,
            )
        params = {self._quirks.amend_id_param: to_venue(ref.client_order_id, self._quirks.id_form)}
        answer = await self._caller.call(
            Lane.ORDER,
            lambda x: x.edit_order(
                ref.venue_order_id, call.symbol, call.type, call.side, call.amount, call.price, params
            ),
            orders=1,
            patience_s=_PATIENCE_S,
        )
        verdict = answer.verdict or self._meaningless(answer, ref)
        if verdict is not None:
            return self._failed(ref, verdict, _AMENDING)
        said = report_of(answer.value, self._speech, client_id=ref.client_order_id)
        if said.kind in _ENDED:
            return said
        return _as(said, ReportKind.AMENDED, quantity=request.quantity, price=request.price)

    def _groups(
        self, calls: Sequence[tuple[OrderRequest, OrderCall]]
    ) -> list[list[tuple[OrderRequest, OrderCall]]]:
        """What goes out together: as many as one batch may hold, conditionals on their own."""
        quirks = self._quirks
        groups: list[list[tuple[OrderRequest, OrderCall]]] = []
        open_group: dict[str, list[tuple[OrderRequest, OrderCall]]] = {}
        for request, call in calls:
            alone = quirks.max_batch < 2 or (request.type.triggered and not quirks.batch_triggers)
            key = call.symbol if quirks.batch_one_symbol else ""
            group = open_group.get(key)
            if alone or group is None or len(group) >= quirks.max_batch:
                group = []
                groups.append(group)
                if not alone:
                    open_group[key] = group
            group.append((request, call))
        return groups

    async def _send(self, group: Sequence[tuple[OrderRequest, OrderCall]]) -> list[Report]:
        if len(group) == 1:
            return [await self._send_one(*group[0])]
        answer = await self._caller.call(
            Lane.ORDER,
            lambda x: x.create_orders([call.as_row() for _, call in group]),
            orders=len(group),
            patience_s=_PATIENCE_S,
        )
        if answer.verdict is not None or not isinstance(answer.value, list):
            verdict = answer.verdict or self._judge_nothing(answer)
            return [self._failed(request, verdict, _PLACING) for request, _ in group]
        matched = match_rows(
            [request.client_order_id for request, _ in group], _rows(answer), self._id_of_row, self._judge_row
        )
        reports = []
        for (request, _), found in zip(group, matched, strict=True):
            reports.append(
                self._failed(request, found.verdict, _PLACING)
                if found.verdict is not None
                else self._said(found.row, request)
            )
        return reports

    async def _send_one(self, request: OrderRequest, call: OrderCall) -> Report:
        answer = await self._caller.call(
            Lane.ORDER,
            lambda x: x.create_order(call.symbol, call.type, call.side, call.amount, call.price, call.params),
            orders=1,
            patience_s=_PATIENCE_S,
        )
        verdict = answer.verdict or self._meaningless(answer, request)
        return self._failed(request, verdict, _PLACING) if verdict else self._said(answer.value, request)

    def _said(self, row: Any, request: OrderRequest) -> Report:
        """The report in an answer that names the order; unreadable details leave it accepted."""
        try:
            return report_of(row, self._speech, client_id=request.client_order_id)
        except (ValueError, KeyError, TypeError, AttributeError):
            return Report(
                ReportKind.ACKED,
                request.account,
                request.instrument,
                request.client_order_id,
                self._speech.now_ns(),
                venue_order_id=row.get("id"),
            )

    def _cancel_groups(self, refs: Sequence[OrderRef]) -> tuple[list[list[OrderRef]], list[OrderRef]]:
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

    async def _cancel_batch(self, refs: Sequence[OrderRef]) -> list[Report]:
        symbol = symbol_of(refs[0].instrument)
        ids = [to_venue(ref.client_order_id, self._quirks.id_form) for ref in refs]
        answer = await self._caller.call(
            Lane.CANCEL, lambda x: x.cancel_orders([], symbol, {self._quirks.cancel_ids_param: ids})
        )
        if answer.verdict is not None or not isinstance(answer.value, list):
            verdict = answer.verdict or self._judge_nothing(answer)
            return [self._failed(ref, verdict, _CANCELLING) for ref in refs]
        matched = match_rows(
            [ref.client_order_id for ref in refs], _rows(answer), self._id_of_row, self._judge_row
        )
        return [
            self._failed(ref, found.verdict, _CANCELLING)
            if found.verdict is not None
            else self._cancelled(found.row, ref)
            for ref, found in zip(refs, matched, strict=True)
        ]

    async def _cancel_one(self, ref: OrderRef) -> list[Report]:
        quirks = self._quirks
        said = to_venue(ref.client_order_id, quirks.id_form)
        params: dict[str, Any] = {quirks.cancel_id_param: said} if quirks.cancel_id_param else {}
        if ref.triggered:
            params |= quirks.trigger_params
        venue_id = ref.venue_order_id or (said if not quirks.cancel_id_param else None)
        if quirks.cancel_id_param:
            venue_id = None
        answer = await self._caller.call(
            Lane.CANCEL, lambda x: x.cancel_order(venue_id, symbol_of(ref.instrument), params)
        )
        if answer.verdict is not None:
            return [self._failed(ref, answer.verdict, _CANCELLING)]
        return [self._cancelled(answer.value, ref)]

    def _cancelled(self, row: Any, ref: OrderRef) -> Report:
        """A cancel's positive answer, which at some venues only says that it was understood."""
        info = row.get("info") if isinstance(row, dict) else None
        done = (isinstance(info, dict) and str(info.get("code")) == "200") or (
            isinstance(row, dict) and bool(row.get("id")) and not self._quirks.acks_only
        )
        if not done:
            verdict = Verdict(Blame.UNKNOWN, "the cancel was taken; the stream tells the rest")
            return self._failed(ref, verdict, _CANCELLING)
        try:
            row = {**row, "symbol": symbol_of(ref.instrument)}
            said = report_of(row, self._speech, client_id=ref.client_order_id)
        except (ValueError, KeyError, TypeError, AttributeError):
            said = self._failed(ref, Verdict(Blame.UNKNOWN, ""), _CANCELLING)
        kind = said.kind if said.kind is ReportKind.LAST_FILL else ReportKind.CANCELLED
        return _as(said, kind)

    def _cannot_amend(self, ref: OrderRef, request: OrderRequest) -> str:
        if self._quirks.amend is Amend.REPLACE and ref.client_order_id == request.client_order_id:
            return (
                f"{self._quirks.venue} cancels an amended order and places another, which can succeed "
                "by half and needs an id of its own; cancel it and place it anew"
            )
        if self._quirks.amend is Amend.NONE:
            return f"{self._quirks.venue} cannot amend orders; cancel it and place it anew"
        if ref.triggered or request.type.triggered:
            return f"{self._quirks.venue} cannot amend conditional orders; cancel it and place it anew"
        return "" if request.price is not None else "a market order cannot be amended"

    def _meaningless(self, answer: Answer, what: OrderRequest | OrderRef) -> Verdict | None:
        """A success that names no order, or another one, is no answer."""
        row = answer.value
        if not isinstance(row, dict) or not row.get("id"):
            return self._judge_nothing(answer)
        named = self._speech.client_id(client_id_of(row))
        if named and named != what.client_order_id:
            return Verdict(Blame.UNKNOWN, f"the answer is about another order ({named})")
        return None

    def _judge_nothing(self, answer: Answer) -> Verdict:
        return judge(None, answer.attempt, self._quirks, self._wiring.redact)

    def _id_of_row(self, row: Any) -> str:
        return self._speech.client_id(client_id_of(row)) if isinstance(row, dict) and row.get("id") else ""

    def _judge_row(self, row: Any) -> Verdict:
        info = row.get("info") if isinstance(row, dict) else row
        return judge_answer(info, self._quirks, self._wiring.redact)

    def _failed(
        self, what: OrderRequest | OrderRef, verdict: Verdict, kinds: dict[Blame, ReportKind]
    ) -> Report:
        return Report(
            kinds[verdict.blame],
            what.account,
            what.instrument,
            what.client_order_id,
            self._speech.now_ns(),
            venue_order_id=getattr(what, "venue_order_id", None),
            reason=verdict.reason,
            code=verdict.code,
        )


def _rows(answer: Answer) -> list[Any]:
    """The rows of a batch answer, with the refusals that ccxt drops because they name no symbol."""
    rows = list(answer.value)
    raw = answer.attempt.json
    if isinstance(raw, list) and len(raw) > len(rows):
        kept = [row.get("info") for row in rows if isinstance(row, dict)]
        rows += [{"info": one} for one in raw if one not in kept]
    return rows


def _not_ready() -> Verdict:
    return Verdict(Blame.NOT_SENT, "the account is not connected yet", LOCAL)


def _as(
    said: Report, kind: ReportKind, *, quantity: Decimal | None = None, price: Decimal | None = None
) -> Report:
    from dataclasses import replace

    return replace(said, kind=kind, quantity=quantity, price=price, reason="", code="")
