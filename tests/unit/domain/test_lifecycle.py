"""The table of an order's life: every (status, report) pair, and what must hold of all of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from hedge_tui.domain.errors import LedgerError
from hedge_tui.domain.instrument import InstrumentId
from hedge_tui.domain.lifecycle import NEXT
from hedge_tui.domain.order import ClientOrderId, Order, OrderRequest, OrderType, Side
from hedge_tui.domain.order import OrderStatus as S
from hedge_tui.domain.report import Report
from hedge_tui.domain.report import ReportKind as R
from hedge_tui.engine.order_step import reduce_order

FINISHED = (S.FILLED, S.CANCELLED, S.EXPIRED)
REVIVABLE = (S.REJECTED, S.ABSENT)
ASKED = (R.CANCEL_NO_ANSWER, R.CANCEL_REFUSED, R.AMEND_NO_ANSWER, R.AMEND_REFUSED)
AT_VENUE = (R.ACKED, R.LIVE, R.FILL, R.LAST_FILL, R.CANCELLED, R.EXPIRED)
PAIRS = [(status, kind) for status in S for kind in R]

# The table written down a second time, one row a status, in the order of `ReportKind`:
# denied sent no_answer not_sent acked live fill last_fill cancelled rejected expired
# cancel_no_answer cancel_refused amended amend_no_answer amend_refused absent missing
EXPECTED = {
    S.INTENT: "denied sending - - - - - - - - - - - - - - - -",
    S.DENIED: "- - - - - - - - - - - - - - - - - -",
    S.SENDING: "- - unknown rejected acked live partial filled cancelled rejected expired "
    "sending sending live sending sending - sending",
    S.ACKED: "- - acked - acked live partial filled cancelled rejected expired "
    "cancel_unknown acked acked amend_unknown acked absent unknown",
    S.LIVE: "- - live - live live partial filled cancelled rejected expired "
    "cancel_unknown live live amend_unknown live absent unknown",
    S.PARTIAL: "- - partial - partial partial partial filled cancelled rejected expired "
    "cancel_unknown partial partial amend_unknown partial absent unknown",
    S.FILLED: "- - filled - filled filled filled filled filled - filled "
    "filled filled filled filled filled filled filled",
    S.CANCELLED: "- - cancelled - cancelled cancelled cancelled filled cancelled - cancelled "
    "cancelled cancelled cancelled cancelled cancelled cancelled cancelled",
    S.REJECTED: "- - rejected - acked live partial filled cancelled rejected expired "
    "rejected rejected live rejected rejected rejected rejected",
    S.EXPIRED: "- - expired - expired expired expired filled expired - expired "
    "expired expired expired expired expired expired expired",
    S.UNKNOWN: "- - unknown - acked live partial filled cancelled rejected expired "
    "unknown unknown live unknown unknown absent unknown",
    S.CANCEL_UNKNOWN: "- - cancel_unknown - cancel_unknown live cancel_unknown filled cancelled rejected "
    "expired cancel_unknown live cancel_unknown cancel_unknown cancel_unknown absent cancel_unknown",
    S.AMEND_UNKNOWN: "- - amend_unknown - amend_unknown live amend_unknown filled cancelled rejected "
    "expired cancel_unknown amend_unknown live amend_unknown live absent amend_unknown",
    S.ABSENT: "- - absent - acked live partial filled cancelled rejected expired "
    "absent absent live absent absent absent absent",
}


def order(status: S, filled: str = "0") -> Order:
    request = OrderRequest(
        ClientOrderId("a" * 32),
        "desk-1",
        InstrumentId("v:B/Q:Q"),
        Side.BUY,
        OrderType.LIMIT,
        Decimal(2),
        Decimal(10),
    )
    return Order(request, status, 1, 1, filled=Decimal(filled))


def report(kind: R, filled: str | None = None) -> Report:
    quantity = Decimal(filled) if filled is not None else None
    return Report(kind, "desk-1", InstrumentId("v:B/Q:Q"), ClientOrderId("a" * 32), 2, filled=quantity)


@pytest.mark.parametrize("status", list(S))
def test_the_table_is_the_one_that_was_meant(status: S) -> None:
    words = EXPECTED[status].split()
    assert len(words) == len(R)
    meant = {kind: S(word) for kind, word in zip(R, words, strict=True) if word != "-"}
    assert NEXT[status] == meant


@pytest.mark.parametrize(("status", "kind"), PAIRS)
def test_every_pair_is_a_step_or_a_ledger_error(status: S, kind: R) -> None:
    before = order(status, "1")
    if kind not in NEXT[status]:
        with pytest.raises(LedgerError, match=f"is {status}: a report {kind}"):
            reduce_order(before, report(kind))
        return
    after = reduce_order(before, report(kind, "0.5"))
    assert after.filled == 1, "the filled quantity went down"
    assert after.request.client_order_id == before.request.client_order_id


@pytest.mark.parametrize("status", FINISHED)
@pytest.mark.parametrize("kind", list(R))
def test_what_is_over_stays_over(status: S, kind: R) -> None:
    assert NEXT[status].get(kind, status) in (status, S.FILLED)


@pytest.mark.parametrize("status", REVIVABLE)
def test_only_the_venues_own_word_revives(status: S) -> None:
    for kind, after in NEXT[status].items():
        assert after is status or kind in (*AT_VENUE, R.AMENDED, R.REJECTED), (status, kind)


@pytest.mark.parametrize("kind", ASKED)
def test_a_late_answer_to_a_cancel_or_an_amendment_is_never_a_contradiction(kind: R) -> None:
    for status in S:
        if status not in (S.INTENT, S.DENIED):
            assert kind in NEXT[status], status


def test_silence_never_ends_an_order() -> None:
    for status in S:
        after = NEXT[status].get(R.NO_ANSWER)
        assert after is None or not after.terminal or status.terminal


def test_nothing_leads_back_to_before_it_was_sent() -> None:
    early = (S.INTENT, S.SENDING, S.DENIED)
    for status, steps in NEXT.items():
        for kind, after in steps.items():
            if status not in early:
                assert after not in early, (status, kind)


def test_an_order_that_filled_up_is_filled_whatever_the_word_was() -> None:
    assert reduce_order(order(S.LIVE), report(R.FILL, "2")).status is S.FILLED
    assert reduce_order(order(S.UNKNOWN), report(R.ACKED, "2")).status is S.FILLED
    assert reduce_order(order(S.ACKED), report(R.LIVE, "1")).status is S.PARTIAL


def test_while_its_quantity_is_in_doubt_only_the_venue_calls_it_filled() -> None:
    assert reduce_order(order(S.AMEND_UNKNOWN), report(R.FILL, "2")).status is S.AMEND_UNKNOWN
    assert reduce_order(order(S.AMEND_UNKNOWN), report(R.LAST_FILL, "2")).status is S.FILLED
