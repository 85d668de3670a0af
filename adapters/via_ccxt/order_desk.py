"""Places and amends the orders of one account, and says of each what is certain.

Never raises for a venue's answer; used by `execution`.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.answers import AMENDING, NOT_READY, PLACING, UNREADABLE, Answers, restated
from adapters.via_ccxt.errors import LOCAL, Blame, Verdict
from adapters.via_ccxt.order_call import CannotSay, OrderCall, order_call
from adapters.via_ccxt.order_ids import to_venue
from adapters.via_ccxt.parse_order import report_of
from adapters.via_ccxt.quirks import Amend
from adapters.via_ccxt.replacement import replace_order
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring
    from hedge_tui.domain.order import OrderRef, OrderRequest

    Pair = tuple[OrderRequest, OrderCall]

_PATIENCE_S = 5.0
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
        self._caller = caller
        self._wiring = wiring
        self._quirks = wiring.quirks
        self._speech = speech
        self._answers = Answers(wiring, speech)
        self._noticed = noticed
        self._say = say

    async def place(self, requests: Sequence[OrderRequest]) -> list[Report]:
        """One report per request, in their order."""
        reports: dict[str, Report] = {}
        calls: list[Pair] = []
        for request in requests:
            self._noticed(request.instrument)
            try:
                calls.append((request, order_call(request, self._quirks)))
            except CannotSay as error:
                verdict = Verdict(Blame.NOT_SENT, str(error), LOCAL)
                reports[request.client_order_id] = self._answers.failed(request, verdict, PLACING)
        asked = self._caller.recalls
        for done in await asyncio.gather(*(self._send(group, asked) for group in self._groups(calls))):
            reports |= {report.client_order_id: report for report in done}
        return [reports[request.client_order_id] for request in requests]

    async def amend(self, ref: OrderRef, request: OrderRequest) -> Report:
        """Make the order rest as `request` says; see `ExecutionClient.amend`."""
        refused = self._cannot_amend(ref, request)
        if refused:
            return self._answers.failed(ref, Verdict(Blame.REFUSED, refused, LOCAL), AMENDING)
        if not self._caller.ready:
            return self._answers.failed(ref, NOT_READY, AMENDING)
        try:
            call = order_call(request, self._quirks)
        except CannotSay as error:
            return self._answers.failed(ref, Verdict(Blame.NOT_SENT, str(error), LOCAL), AMENDING)
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
        return await self._amend_in_place(ref, request, call)

    async def _amend_in_place(self, ref: OrderRef, request: OrderRequest, call: OrderCall) -> Report:
        params: dict[str, Any] = {}
        venue_id: str | None = ref.venue_order_id
        if self._quirks.amend_id_param:
            # The client id alone: where both are given, the venue's goes before ours.
            params[self._quirks.amend_id_param] = to_venue(ref.client_order_id, self._quirks.id_form)
            venue_id = None
        answer = await self._caller.send(
            Lane.ORDER,
            lambda x: x.edit_order(
                venue_id, call.symbol, call.type, call.side, call.amount, call.price, params
            ),
            orders=1,
            patience_s=_PATIENCE_S,
            asked=self._caller.recalls,
        )
        verdict = answer.verdict or self._answers.meaningless(answer, ref)
        if verdict is not None:
            return self._answers.failed(ref, verdict, AMENDING)
        said = report_of(answer.value, self._speech, client_id=ref.client_order_id)
        if said.kind in _ENDED:
            return said
        return restated(said, ReportKind.AMENDED, quantity=request.quantity, price=request.price)

    def _groups(self, calls: Sequence[Pair]) -> list[list[Pair]]:
        """What goes out together: as many as one batch may hold, conditionals on their own."""
        quirks = self._quirks
        groups: list[list[Pair]] = []
        open_group: dict[str, list[Pair]] = {}
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

    async def _send(self, group: Sequence[Pair], asked: int) -> list[Report]:
        if not self._caller.ready:
            return [self._answers.failed(request, NOT_READY, PLACING) for request, _ in group]
        if len(group) == 1:
            return [await self._send_one(*group[0], asked)]
        answer = await self._caller.send(
            Lane.ORDER,
            lambda x: x.create_orders([call.as_row() for _, call in group]),
            orders=len(group),
            patience_s=_PATIENCE_S,
            asked=asked,
        )
        matched = self._answers.matched(answer, [request.client_order_id for request, _ in group])
        return [
            self._answers.failed(request, found.verdict, PLACING)
            if found.verdict is not None
            else self._said(found.row, request)
            for (request, _), found in zip(group, matched, strict=True)
        ]

    async def _send_one(self, request: OrderRequest, call: OrderCall, asked: int) -> Report:
        answer = await self._caller.send(
            Lane.ORDER,
            lambda x: x.create_order(call.symbol, call.type, call.side, call.amount, call.price, call.params),
            orders=1,
            patience_s=_PATIENCE_S,
            asked=asked,
        )
        verdict = answer.verdict or self._answers.meaningless(answer, request)
        if verdict is not None:
            return self._answers.failed(request, verdict, PLACING)
        return self._said(answer.value, request)

    def _said(self, row: Any, request: OrderRequest) -> Report:
        """The report in an answer that names the order; unreadable details leave it accepted."""
        try:
            return report_of(row, self._speech, client_id=request.client_order_id)
        except UNREADABLE:
            return Report(
                ReportKind.ACKED,
                request.account,
                request.instrument,
                request.client_order_id,
                self._speech.now_ns(),
                venue_order_id=row.get("id"),
            )

    def _cannot_amend(self, ref: OrderRef, request: OrderRequest) -> str:
        venue, amend = self._quirks.venue, self._quirks.amend
        if amend is Amend.REPLACE and ref.client_order_id == request.client_order_id:
            return (
                f"{venue} cancels an amended order and places another, which can succeed by half "
                "and needs an id of its own; cancel it and place it anew"
            )
        if amend is Amend.NONE:
            return f"{venue} cannot amend orders; cancel it and place it anew"
        if ref.triggered or request.type.triggered:
            return f"{venue} cannot amend conditional orders; cancel it and place it anew"
        return "" if request.price is not None else "a market order cannot be amended"
