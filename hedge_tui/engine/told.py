"""Which instruments an act is about: the journal holds their terms before it, for whoever folds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain import acts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from hedge_tui.domain.instrument import InstrumentId
    from hedge_tui.engine.state import DeskState


def with_terms(state: DeskState, batch: Iterable[acts.Act]) -> Iterator[acts.Act]:
    """`batch`, each act behind what its venue says of an instrument that the journal does not hold yet."""
    for act in batch:
        yield from untold(state, instruments_of(act), act.at_ns)
        yield act


def untold(state: DeskState, ids: Iterable[InstrumentId], now_ns: int) -> Iterator[acts.InstrumentTold]:
    """What venues list of these instruments otherwise than the journal has it."""
    for id_ in dict.fromkeys(ids):
        listed, known = state.instruments.get(id_), state.told.get(id_)
        if listed is not None and listed is not known and listed != known:
            yield acts.InstrumentTold(now_ns, listed)


def instruments_of(act: acts.Act) -> Iterator[InstrumentId]:
    """The instruments whose terms an act's meaning hangs on."""
    match act:
        case acts.OrdersIntended():
            yield from (request.instrument for request in act.requests)
        case acts.Filled() | acts.FillImported():
            yield act.fill.instrument
        case acts.OrderAdopted():
            yield act.order.request.instrument
        case acts.LedgerSeeded():
            yield act.instrument
        case acts.CashMoved() if act.flow.instrument is not None:
            yield act.flow.instrument
        case acts.LineJudged():
            yield from (market.instrument for market in act.planned.markets)
            if act.judged is not None:
                yield from (market.instrument for market in act.judged.markets)
        case _:
            pass
