"""The phrases that acts are told in. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hedge_tui.domain import acts
from hedge_tui.domain.instrument import symbol_of
from hedge_tui.domain.panic import PanicMoved
from hedge_tui.domain.report import ReportKind
from hedge_tui.domain.trading import scope_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.margin import TermChange
    from hedge_tui.domain.order import ClientOrderId, OrderRequest

REPORTS = {
    ReportKind.DENIED: "denied, not sent",
    ReportKind.SENT: "leaves",
    ReportKind.NO_ANSWER: "sent, no answer: unknown",
    ReportKind.NOT_SENT: "did not leave",
    ReportKind.ACKED: "accepted",
    ReportKind.LIVE: "live",
    ReportKind.FILL: "partly filled",
    ReportKind.LAST_FILL: "filled",
    ReportKind.CANCELLED: "cancelled",
    ReportKind.REJECTED: "rejected",
    ReportKind.EXPIRED: "expired",
    ReportKind.CANCEL_NO_ANSWER: "cancel sent, no answer: unknown",
    ReportKind.CANCEL_REFUSED: "cancel refused",
    ReportKind.AMENDED: "amended",
    ReportKind.AMEND_NO_ANSWER: "amendment sent, no answer: unknown",
    ReportKind.AMEND_REFUSED: "amendment refused",
    ReportKind.ABSENT: "proved absent",
    ReportKind.MISSING: "missing in the venue's answers: unknown",
}
BAD = frozenset(
    {
        ReportKind.DENIED,
        ReportKind.NO_ANSWER,
        ReportKind.NOT_SENT,
        ReportKind.REJECTED,
        ReportKind.CANCEL_NO_ANSWER,
        ReportKind.AMEND_NO_ANSWER,
        ReportKind.ABSENT,
        ReportKind.MISSING,
    }
)


def number(value: Decimal | None) -> str:
    """All digits that count, never scientific; "?" for none."""
    if value is None:
        return "?"
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _told(act: acts.InstrumentTold) -> str:
    one = act.instrument
    closed = "" if one.active else ", not traded now"
    grid = f"tick {number(one.grid.tick)}, lot {number(one.grid.lot)}"
    return f"{symbol_of(one.id)} at {one.venue}: {grid}{closed}"


def _seeded(act: acts.LedgerSeeded) -> str:
    held = f"{number(act.quantity)} {symbol_of(act.instrument)} at {number(act.entry_price)}"
    return f"held without fills of ours: {held}"


def _term(change: TermChange) -> str:
    return f"{change.term.value.replace('_', ' ')} {symbol_of(change.instrument)} {change.new}"


def _day(act: acts.DayStarted) -> str:
    total = sum((value for _, value in act.equity), Decimal(0))
    return f"a trading day began with {total:,.2f} {act.currency}"


_PHRASES: dict[str, Callable[[Any], str]] = {
    acts.EngineStarted.kind: lambda a: f"engine {a.version} started with {len(a.accounts)} accounts",
    acts.EngineStopped.kind: lambda _: "engine stopped",
    acts.InstrumentTold.kind: _told,
    acts.FillImported.kind: lambda a: f"old fill read: {fill_words(a.fill)}",
    acts.CashMoved.kind: lambda a: f"{a.flow.kind}: {number(a.flow.quantity)} {a.flow.asset}",
    acts.PastRead.kind: lambda a: f"the past read from {a.source}{', to its end' if a.done else ''}",
    acts.SessionStarted.kind: lambda a: f"session {a.name or 'without a name'} began",
    acts.ConsoleCame.kind: lambda a: f"a console {'attached' if a.here else 'left, none is attached'}",
    acts.StreamWasAway.kind: lambda a: f"the private stream is back: {a.why}",
    acts.LedgerSeeded.kind: _seeded,
    acts.Differed.kind: lambda a: f"{a.subject}: ours {a.ours}, the venue's {a.theirs}",
    acts.TermSending.kind: lambda a: f"sent: {_term(a.change)}",
    acts.TermSettled.kind: lambda a: f"{_term(a.change)}: {a.outcome}{f' ({a.reason})' if a.reason else ''}",
    acts.DayStarted.kind: _day,
    acts.SettingChanged.kind: lambda a: f"{a.scope} {a.name}: {a.value or 'removed'} ({a.origin})",
    acts.TradingHeld.kind: lambda a: (
        f"{scope_words(a.scope)} is {a.state.upper()}{f': {a.reason}' if a.reason else ''} ({a.by})"
    ),
    acts.Armed.kind: lambda a: f"armed: {number(a.cap)} {a.currency} on {', '.join(a.accounts)}",
    acts.Disarmed.kind: lambda a: f"disarmed: {a.reason}",
    PanicMoved.kind: lambda a: (
        f"panic{' flat' if a.flat else ''} {a.step}{f' ({a.origin})' * bool(a.origin)}"
    ),
    acts.Noted.kind: lambda a: f"{a.topic}: {a.text}",
}
_WARN = frozenset({acts.Differed.kind, acts.StreamWasAway.kind, acts.Armed.kind, acts.TradingHeld.kind})


def say_other(act: acts.Act) -> tuple[str, str]:
    """What an act says that is about no order, and its level."""
    level = "warning" if act.kind in _WARN else "info"
    if isinstance(act, acts.Noted):
        level = act.level
    elif isinstance(act, acts.TermSettled) and act.outcome != "done":
        level = "warning"
    return _PHRASES.get(act.kind, _fields)(act), level


def _fields(act: acts.Act) -> str:
    """An act without words of its own: its fields, so that nothing in the record stays unread."""
    names: Mapping[str, object] = {name: getattr(act, name) for name in act.__slots__ if name != "at_ns"}
    return ", ".join(f"{name} {value}" for name, value in names.items() if value not in ("", None, ()))


def request_words(r: OrderRequest) -> str:
    """What is asked: "buy 0.01 BTC/USDT:USDT at 60000 post"."""
    words = [r.side.value, number(r.quantity), symbol_of(r.instrument)]
    words += ["at", number(r.price)] if r.price is not None else [r.type.value.replace("_", " ")]
    if r.trigger_price is not None:
        words.append(f"trigger {number(r.trigger_price)}")
    flags = (("post", r.post_only), ("reduce", r.reduce_only), ("close-position", r.close_position))
    return " ".join([*words, *(word for word, on in flags if on)])


def fill_words(fill: Fill) -> str:
    """What was executed, at which price and fee."""
    fee = f", fee {number(fill.commission)} {fill.commission_asset}"
    what = f"{fill.side.value} {number(fill.quantity)} {symbol_of(fill.instrument)} at {number(fill.price)}"
    return f"{what}{fee}, {fill.liquidity.value}"


def counted(ids: tuple[ClientOrderId, ...], what: str = "order") -> str:
    """How many: "3 orders"."""
    return f"{len(ids)} {what}{'' if len(ids) == 1 else 's'}"
