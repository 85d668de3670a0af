"""One act of the journal as a person reads it. Pure; times are left to whoever prints."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.order import ClientOrderId
from hedge_tui.engine.record.phrases import (
    BAD,
    REPORTS,
    counted,
    fill_words,
    number,
    request_words,
    say_other,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hedge_tui.domain.order import OrderRequest
    from hedge_tui.domain.report import Report
    from hedge_tui.engine.state import DeskState

_SEVERAL = {
    acts.OrdersSending.kind: ("order", "sent"),
    acts.CancelsSending.kind: ("cancel", "sent"),
    acts.AmendsIntended.kind: ("amendment", "intended"),
}
NAMED = 6
"""Most orders of one act that are called by their number."""


@dataclass(frozen=True, slots=True)
class ActRow:
    """One act in words.

    Attributes:
        account: the one it is about; "" for several or none.
        order: "#12", or the beginning of an id the desk has no number for; "" for several or none.
        orders: client order ids it names. run: id of the line it belongs to, or "".
        level: info, warning or alarm.
    """

    seq: int
    at_ns: int
    kind: str
    text: str
    account: str = ""
    order: str = ""
    orders: tuple[str, ...] = ()
    run: str = ""
    level: str = "info"


class ActWords:
    """Puts acts into words; knows which number the desk gave an order, and whose it is.

    Args:
        row_of: the number after # of an order, None where there is none.
        request_of: what was asked with an order, None where it is not known.
    """

    def __init__(
        self,
        row_of: Callable[[ClientOrderId], int | None] = lambda _: None,
        request_of: Callable[[ClientOrderId], OrderRequest | None] = lambda _: None,
    ) -> None:
        self._row_of = row_of
        self._request_of = request_of

    def row(self, seq: int, act: acts.Act) -> ActRow:
        """The act as a row."""
        ids = orders_of(act)
        names = self.accounts(act)
        text, level = self._say(act)
        return ActRow(
            seq,
            act.at_ns,
            act.kind,
            text,
            account=next(iter(names)) if len(names) == 1 else "",
            order=self.name(ids[0]) if len(ids) == 1 else "",
            orders=ids,
            run=run_of(act),
            level=level,
        )

    def accounts(self, act: acts.Act) -> set[str]:
        """Names of the accounts that an act is about."""
        if named := _accounts(act):
            return named
        requests = (self._request_of(id_) for id_ in orders_of(act))
        return {request.account for request in requests if request is not None}

    def run_of(self, id_: str) -> str:
        """Id of the line that an order belongs to, or ""."""
        request = self._request_of(ClientOrderId(id_))
        return request.run if request is not None else ""

    def name(self, id_: ClientOrderId) -> str:
        """`#12`, or the beginning of the id."""
        row = self._row_of(id_)
        return f"#{row}" if row is not None else id_[:8]

    def names(self, ids: Iterable[ClientOrderId]) -> str:
        """Several of them, the first ones by name."""
        every = list(ids)
        shown = " ".join(self.name(id_) for id_ in every[:NAMED])
        return f"{shown} and {len(every) - NAMED} more" if len(every) > NAMED else shown

    def _say(self, act: acts.Act) -> tuple[str, str]:
        match act:
            case acts.LineJudged():
                word = f"{act.verdict} ({act.reason})" if act.reason else act.verdict
                bad = "info" if act.verdict == "allowed" else "warning"
                return f"{word}: {act.text}{f': {act.message}' if act.message else ''}", bad
            case acts.LineConfirmed():
                how = ", armed" if act.envelope else ""
                return f"confirmed ({act.origin}{how}): {act.text}", "info"
            case acts.OrdersIntended():
                return self._intended(act), "info"
            case acts.OrdersSending() | acts.CancelsSending() | acts.AmendsIntended():
                ids, (noun, done) = act.client_order_ids, _SEVERAL[act.kind]
                return f"{counted(ids, noun)} {done}: {self.names(ids)}", "info"
            case acts.AmendSending():
                asked = [f"to {act.quantity}"] if act.quantity else []
                asked += [f"at {act.price}"] if act.price else []
                return f"amendment sent: {self.name(act.client_order_id)} {' '.join(asked)}", "info"
            case acts.Reported():
                return self._reported(act.report)
            case acts.Filled():
                return f"fill: {self.name(act.fill.client_order_id)} {fill_words(act.fill)}", "info"
            case acts.OrderAdopted():
                return f"adopted, not sent by this desk: {request_words(act.order.request)}", "warning"
            case _:
                return say_other(act)

    def _intended(self, act: acts.OrdersIntended) -> str:
        if len(act.requests) == 1:
            (request,) = act.requests
            return f"intended: {self.name(request.client_order_id)} {request_words(request)}"
        shown = "; ".join(f"{r.account} {request_words(r)}" for r in act.requests[:2])
        more = f" and {len(act.requests) - 2} more" if len(act.requests) > 2 else ""
        return f"{len(act.requests)} orders intended: {shown}{more}"

    def _reported(self, report: Report) -> tuple[str, str]:
        known = self.name(report.client_order_id) if report.client_order_id else "an order"
        words = [known, REPORTS.get(report.kind, report.kind.value)]
        if report.filled:
            average = f" at {number(report.average_price)}" if report.average_price is not None else ""
            words.append(f"{number(report.filled)} executed{average}")
        if report.quantity is not None or report.price is not None:
            words.append(f"now {number(report.quantity)} at {number(report.price)}")
        if report.venue_order_id:
            words.append(f"(venue's id {report.venue_order_id})")
        said = f": {report.reason}" if report.reason else ""
        return " ".join(words) + said, "warning" if report.kind in BAD else "info"


def orders_of(act: acts.Act) -> tuple[ClientOrderId, ...]:
    """Client ids of the orders that an act names."""
    match act:
        case acts.OrdersIntended():
            return tuple(request.client_order_id for request in act.requests)
        case acts.OrdersSending() | acts.CancelsSending() | acts.AmendsIntended():
            return act.client_order_ids
        case acts.AmendSending():
            return (act.client_order_id,)
        case acts.Reported() if act.report.client_order_id:
            return (act.report.client_order_id,)
        case acts.Filled() if act.fill.client_order_id:
            return (act.fill.client_order_id,)
        case acts.OrderAdopted():
            return (act.order.request.client_order_id,)
        case _:
            return ()


def run_of(act: acts.Act) -> str:
    """Id of the confirmed line that an act names, or ""."""
    match act:
        case acts.LineConfirmed() | acts.LineJudged() | acts.TermSending():
            return act.run
        case acts.OrdersIntended() if act.requests:
            return act.requests[0].run
        case _:
            return ""


def _accounts(act: acts.Act) -> set[str]:
    match act:
        case acts.Reported():
            return {act.report.account}
        case acts.Filled() | acts.FillImported():
            return {act.fill.account}
        case acts.CashMoved():
            return {act.flow.account}
        case acts.TermSending() | acts.TermSettled():
            return {act.change.account}
        case acts.OrderAdopted():
            return {act.order.request.account}
        case acts.LineJudged():
            return {one.account.name for one in act.planned.accounts}
        case acts.OrdersIntended():
            return {request.account for request in act.requests}
        case acts.Armed() | acts.EngineStarted():
            return set(act.accounts)
        case _:
            return {name} if (name := str(getattr(act, "account", ""))) else set()


def words_of(state: DeskState) -> ActWords:
    """Words with the numbers and accounts that orders have in this state, also later on."""

    def request_of(id_: ClientOrderId) -> OrderRequest | None:
        order = state.orders.get(id_)
        return order.request if order is not None else None

    return ActWords(state.rows.get, request_of)
