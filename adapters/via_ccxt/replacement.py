"""Amending where the venue cancels one order and places another (Binance spot `order/cancelReplace`).

Two acts in one call, of which one may succeed alone; the report says which. The new order is another
order, so it must have a client id of its own: the same id for two venue orders would make every later
lookup a guess. Used by `order_desk`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.errors import Blame, Verdict, judge, judge_answer
from adapters.via_ccxt.order_ids import to_venue
from adapters.via_ccxt.parse_order import report_of
from hedge_tui.domain.ports.pacing import Lane
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.via_ccxt.caller import VenueCaller
    from adapters.via_ccxt.order_call import OrderCall
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring
    from hedge_tui.domain.order import OrderRef, OrderRequest

_PATIENCE_S = 5.0


async def replace_order(
    ref: OrderRef,
    request: OrderRequest,
    call: OrderCall,
    *,
    caller: VenueCaller,
    wiring: Wiring,
    speech: Speech,
    say: Callable[[Report], None],
) -> Report:
    """Cancel `ref` and place `request`; nothing is placed when the cancel fails.

    Args:
        ref: what rests now.
        request: what shall rest instead, under a client id of its own.
        call: `request` in ccxt's words.
        caller: of the account.
        wiring: of the account.
        speech: of the account.
        say: told that `ref` is cancelled, when it is.

    Returns:
        On success what is known of the new order; else about `ref`: AMEND_REFUSED (it rests as before),
        CANCELLED (gone, and the new one was refused), AMEND_NO_ANSWER (neither is certain).
    """
    form = wiring.quirks.id_form
    params = {
        **call.params,
        "newClientOrderId": to_venue(request.client_order_id, form),
        "cancelOrigClientOrderId": to_venue(ref.client_order_id, form),
    }
    answer = await caller.send(
        Lane.ORDER,
        lambda x: x.edit_order(None, call.symbol, call.type, call.side, call.amount, call.price, params),
        orders=1,
        patience_s=_PATIENCE_S,
        asked=caller.recalls,
    )

    def about_old(kind: ReportKind, verdict: Verdict) -> Report:
        return Report(
            kind,
            ref.account,
            ref.instrument,
            ref.client_order_id,
            speech.now_ns(),
            venue_order_id=ref.venue_order_id,
            reason=verdict.reason,
            code=verdict.code,
        )

    if answer.verdict is None and isinstance(answer.value, dict) and answer.value.get("id"):
        done = Verdict(Blame.REFUSED, f"replaced by {request.client_order_id}")
        say(about_old(ReportKind.CANCELLED, done))
        return report_of(answer.value, speech, client_id=request.client_order_id)
    verdict = answer.verdict or judge(None, answer.attempt, wiring.quirks, wiring.redact)
    cancelled, placed = _halves(answer.attempt.json)
    if cancelled == "SUCCESS" and placed == "FAILURE":
        why = judge_answer(answer.attempt.json["data"].get("newOrderResponse"), wiring.quirks, wiring.redact)
        return about_old(
            ReportKind.CANCELLED, Verdict(why.blame, f"replacement refused: {why.reason}", why.code)
        )
    if verdict.blame is Blame.UNKNOWN:
        return about_old(ReportKind.AMEND_NO_ANSWER, verdict)
    return about_old(ReportKind.AMEND_REFUSED, verdict)


def _halves(body: Any) -> tuple[str, str]:
    """(cancelResult, newOrderResult) of a refusal, "" where it does not say."""
    data = body.get("data") if isinstance(body, dict) else None
    if not isinstance(data, dict):
        return "", ""
    return str(data.get("cancelResult") or ""), str(data.get("newOrderResult") or "")
