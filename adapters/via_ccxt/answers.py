"""Turns what came of an order call into reports: shared by placing, amending and cancelling.

Pure but for our clock.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from adapters.via_ccxt.batch import Matched, match_rows
from adapters.via_ccxt.errors import LOCAL, Blame, Verdict, judge, judge_answer
from adapters.via_ccxt.parse_order import client_id_of
from hedge_tui.domain.report import Report, ReportKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from adapters.via_ccxt.caller import Answer
    from adapters.via_ccxt.speech import Speech
    from adapters.via_ccxt.wiring import Wiring
    from hedge_tui.domain.order import OrderRef, OrderRequest

PLACING = {
    Blame.NOT_SENT: ReportKind.NOT_SENT,
    Blame.REFUSED: ReportKind.REJECTED,
    Blame.BUSY: ReportKind.REJECTED,
    Blame.UNKNOWN: ReportKind.NO_ANSWER,
}
"""What a failed placing means for its order."""
CANCELLING = {
    Blame.NOT_SENT: ReportKind.CANCEL_REFUSED,
    Blame.REFUSED: ReportKind.CANCEL_REFUSED,
    Blame.BUSY: ReportKind.CANCEL_REFUSED,
    Blame.UNKNOWN: ReportKind.CANCEL_NO_ANSWER,
}
AMENDING = {
    Blame.NOT_SENT: ReportKind.AMEND_REFUSED,
    Blame.REFUSED: ReportKind.AMEND_REFUSED,
    Blame.BUSY: ReportKind.AMEND_REFUSED,
    Blame.UNKNOWN: ReportKind.AMEND_NO_ANSWER,
}
NOT_READY = Verdict(Blame.NOT_SENT, "the account is not connected yet", LOCAL)
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError)
"""What parsing a row may raise."""


class Answers:
    """Reads the answers of one account's order calls."""

    def __init__(self, wiring: Wiring, speech: Speech) -> None:
        self._quirks = wiring.quirks
        self._redact = wiring.redact
        self._speech = speech

    def failed(
        self, what: OrderRequest | OrderRef, verdict: Verdict, kinds: Mapping[Blame, ReportKind]
    ) -> Report:
        """The report of a call that did not do what it should."""
        return Report(
            kinds[verdict.blame],
            what.account,
            what.instrument,
            what.client_order_id,
            self._speech.now_ns(),
            venue_order_id=getattr(what, "venue_order_id", None),
            reason=verdict.reason,
            code=verdict.code,
            turned_away=verdict.blame is Blame.BUSY,
        )

    def matched(self, answer: Answer, ids: Sequence[str]) -> list[Matched]:
        """What a batch answer says about each client id, whatever the order of its rows."""
        if answer.verdict is not None or not isinstance(answer.value, list):
            return [Matched(None, answer.verdict or self.nothing(answer))] * len(ids)
        return match_rows(ids, _rows(answer), self._id_of_row, self._judge_row)

    def meaningless(self, answer: Answer, what: OrderRequest | OrderRef) -> Verdict | None:
        """A success that names no order, or another one, is no answer; None when it names this one."""
        row = answer.value
        if not isinstance(row, dict) or not row.get("id"):
            return self.nothing(answer)
        named = self._speech.client_id(client_id_of(row))
        if named and named != what.client_order_id:
            return Verdict(Blame.UNKNOWN, f"the answer is about another order ({named})")
        return None

    def nothing(self, answer: Answer) -> Verdict:
        """What a success without content means."""
        return judge(None, answer.attempt, self._quirks, self._redact)

    def _id_of_row(self, row: Any) -> str:
        return self._speech.client_id(client_id_of(row)) if isinstance(row, dict) and row.get("id") else ""

    def _judge_row(self, row: Any) -> Verdict:
        info = row.get("info") if isinstance(row, dict) else row
        return judge_answer(info, self._quirks, self._redact)


def restated(
    said: Report, kind: ReportKind, *, quantity: Decimal | None = None, price: Decimal | None = None
) -> Report:
    """The same report as another kind, without a reason."""
    return replace(said, kind=kind, quantity=quantity, price=price, reason="", code="")


def _rows(answer: Answer) -> list[Any]:
    """The rows of a batch answer, with the refusals that ccxt drops because they name no symbol."""
    rows = list(answer.value)
    raw = answer.attempt.json
    if isinstance(raw, list) and len(raw) > len(rows):
        kept = [row.get("info") for row in rows if isinstance(row, dict)]
        rows += [{"info": one} for one in raw if one not in kept]
    return rows
