"""The rows of the journal: everything the desk must know again after a crash.

Each act is frozen, has a `kind` that never changes meaning, and is folded into the state by
`engine.reduce`. Adding a field needs a default; removing one needs a migration.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from hedge_tui.domain.account import CashFlow
from hedge_tui.domain.fill import Fill
from hedge_tui.domain.instrument import Instrument, InstrumentId
from hedge_tui.domain.margin import TermChange
from hedge_tui.domain.order import ClientOrderId, Order, OrderRequest, PositionSide
from hedge_tui.domain.panic import PanicMoved
from hedge_tui.domain.report import Report
from hedge_tui.domain.sight import Sight


@dataclass(frozen=True, slots=True)
class EngineStarted:
    """An engine opened the journal.

    Attributes:
        accounts: names it runs.
    """

    kind: ClassVar[str] = "engine_started"
    at_ns: int
    version: str
    accounts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EngineStopped:
    """An engine closed the journal on purpose."""

    kind: ClassVar[str] = "engine_stopped"
    at_ns: int


@dataclass(frozen=True, slots=True)
class InstrumentTold:
    """What a venue says of an instrument that the acts behind this one are about.

    It stands before the first act on an instrument, and again whenever the venue changed something.
    """

    kind: ClassVar[str] = "instrument_told"
    at_ns: int
    instrument: Instrument


@dataclass(frozen=True, slots=True)
class LineJudged:
    """What the desk made of a line that asked for orders, and the figures that it went by.

    Attributes:
        verdict: "allowed"; "denied" by the gate; "stale": desk or market had left the preview behind.
        reason: the gate's code, or "". message: the words the trader was given, or "".
        run: of the line that followed, "" when none did.
        planned: what the preview was made from. judged: what had changed of it when it was confirmed; None
            when there was nothing in between.
    """

    kind: ClassVar[str] = "line_judged"
    at_ns: int
    text: str
    origin: str
    plan_hash: str
    verdict: str
    planned: Sight
    reason: str = ""
    message: str = ""
    run: str = ""
    judged: Sight | None = None


@dataclass(frozen=True, slots=True)
class LineConfirmed:
    """A trader (or a rule) confirmed a previewed line.

    Attributes:
        run: id shared by all orders of the line; text: the line; plan_hash: of the preview.
        envelope: id of the armed envelope that let it go without a preview, or "".
    """

    kind: ClassVar[str] = "line_confirmed"
    at_ns: int
    run: str
    text: str
    plan_hash: str
    origin: str
    envelope: str = ""


@dataclass(frozen=True, slots=True)
class OrdersIntended:
    """Orders we mean to send; durable before any of them is.

    Attributes:
        values: notional of each request in the reporting currency, for the day's caps.
    """

    kind: ClassVar[str] = "orders_intended"
    at_ns: int
    requests: tuple[OrderRequest, ...]
    values: tuple[Decimal, ...] = ()


@dataclass(frozen=True, slots=True)
class OrdersSending:
    """These orders leave now; after a crash each of them may or may not exist at the venue."""

    kind: ClassVar[str] = "orders_sending"
    at_ns: int
    client_order_ids: tuple[ClientOrderId, ...]


@dataclass(frozen=True, slots=True)
class CancelsSending:
    """Cancels leave now."""

    kind: ClassVar[str] = "cancels_sending"
    at_ns: int
    client_order_ids: tuple[ClientOrderId, ...]


@dataclass(frozen=True, slots=True)
class AmendsIntended:
    """Amendments of a confirmed line, before the first of them leaves: from here on they count.

    Attributes:
        quantities: wanted, venue units, in the order of `client_order_ids`.
        added: venue units that each adds to its order. values: by how much each raises the notional,
            reporting currency; both for the day's caps. origin: who asked, as in `OrderRequest`.
    """

    kind: ClassVar[str] = "amends_intended"
    at_ns: int
    client_order_ids: tuple[ClientOrderId, ...]
    quantities: tuple[Decimal, ...]
    added: tuple[Decimal, ...]
    values: tuple[Decimal, ...]
    origin: str


@dataclass(frozen=True, slots=True)
class AmendSending:
    """An amendment leaves now; None keeps a value.

    Attributes:
        value: by how much it raises the order's notional, reporting currency, for the day's caps; 0 where
            `AmendsIntended` has counted it.
    """

    kind: ClassVar[str] = "amend_sending"
    at_ns: int
    client_order_id: ClientOrderId
    quantity: str | None
    price: str | None
    value: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Reported:
    """Something was learnt about an order."""

    kind: ClassVar[str] = "reported"
    at_ns: int
    report: Report


@dataclass(frozen=True, slots=True)
class Filled:
    """An execution of ours."""

    kind: ClassVar[str] = "filled"
    at_ns: int
    fill: Fill


@dataclass(frozen=True, slots=True)
class OrderAdopted:
    """An order that is not from this journal, seen at a venue."""

    kind: ClassVar[str] = "order_adopted"
    at_ns: int
    order: Order


@dataclass(frozen=True, slots=True)
class CashMoved:
    """Funding, a deposit, a transfer."""

    kind: ClassVar[str] = "cash_moved"
    at_ns: int
    flow: CashFlow


@dataclass(frozen=True, slots=True)
class FillImported:
    """An execution from before the desk knew the account: it counts as PnL and moves no holding."""

    kind: ClassVar[str] = "fill_imported"
    at_ns: int
    fill: Fill


@dataclass(frozen=True, slots=True)
class PastRead:
    """An account's past was read from the venue up to here; its rows stand before this act.

    Attributes:
        source: the adapter's name for it, such as `income` or `trades:BTC/USDT`.
        mark: where to go on, opaque to the engine. until_ns: all that happened before is read.
        done: nothing newer was there. settles: what a stream alone told of before is wrong.
    """

    kind: ClassVar[str] = "past_read"
    at_ns: int
    account: str
    source: str
    mark: str
    until_ns: int
    done: bool
    settles: bool = False


@dataclass(frozen=True, slots=True)
class SessionStarted:
    """The trader began a session: PnL by session counts from here."""

    kind: ClassVar[str] = "session_started"
    at_ns: int
    name: str


@dataclass(frozen=True, slots=True)
class ConsoleCame:
    """A console attached while none was, or the last one left: what happens in between is told on return."""

    kind: ClassVar[str] = "console_came"
    at_ns: int
    here: bool


@dataclass(frozen=True, slots=True)
class StreamWasAway:
    """A private stream is back; since when nothing came over it."""

    kind: ClassVar[str] = "stream_was_away"
    at_ns: int
    account: str
    since_ns: int
    why: str


@dataclass(frozen=True, slots=True)
class LedgerSeeded:
    """The venue holds something our fills do not explain: average-cost accounting starts from it.

    Attributes:
        quantity: signed venue units. entry_price: the venue's, or the market's for spot, quote.
        position_side: which leg of a hedge-mode position.
    """

    kind: ClassVar[str] = "ledger_seeded"
    at_ns: int
    account: str
    instrument: InstrumentId
    quantity: Decimal
    entry_price: Decimal
    position_side: PositionSide = PositionSide.NET


@dataclass(frozen=True, slots=True)
class Differed:
    """These books and the venue disagreed, beyond what is on its way; a note beside it says it in words.

    Attributes:
        subject: what about, such as "position BTC/USDT:USDT". ours, theirs: both values.
    """

    kind: ClassVar[str] = "differed"
    at_ns: int
    account: str
    subject: str
    ours: str
    theirs: str


@dataclass(frozen=True, slots=True)
class TermSending:
    """A change of leverage, margin or position mode leaves now; after a crash it may have happened.

    Attributes:
        run: id of the confirmed line. before: of MARGIN, the position's own margin when it left, settle.
    """

    kind: ClassVar[str] = "term_sending"
    at_ns: int
    run: str
    change: TermChange
    before: Decimal | None = None


@dataclass(frozen=True, slots=True)
class TermSettled:
    """What became of such a change.

    Attributes:
        outcome: "done", "refused", "not done" (proved by reading back) or "unknown".
        reason: the venue's words, or how it is known.
    """

    kind: ClassVar[str] = "term_settled"
    at_ns: int
    change: TermChange
    outcome: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class DayStarted:
    """A trading day began: the sums of "today" start again.

    Attributes:
        day_ns: start of the day in the trader's time zone, as UTC nanoseconds.
        equity: (account, equity) in `currency` at that moment.
    """

    kind: ClassVar[str] = "day_started"
    at_ns: int
    day_ns: int
    currency: str
    equity: tuple[tuple[str, Decimal], ...]


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A typed setting, alias or limit; an empty value removes it.

    Attributes:
        scope: "alias", "set", "limit", "watch", "session".
    """

    kind: ClassVar[str] = "setting_changed"
    at_ns: int
    scope: str
    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class TradingHeld:
    """A scope was halted, set to reducing, or made active again.

    Attributes:
        scope: "" the desk, "group:NAME", "account:NAME", "source:ORIGIN".
        state: "active", "reducing" or "halted". by: who did it, such as "keyboard". reason: in words, or "".
    """

    kind: ClassVar[str] = "trading_held"
    at_ns: int
    scope: str
    state: str
    by: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Armed:
    """A trader confirmed an envelope: lines inside it go out without a preview, until it ends.

    Attributes:
        envelope: its id. holder: the session of the trading lock that may use it.
        cap: most notional of all orders meant to be sent in it, `currency`.
        accounts: their names. instruments: ids; empty means every instrument.
    """

    kind: ClassVar[str] = "armed"
    at_ns: int
    envelope: str
    holder: str
    until_ns: int
    cap: Decimal
    currency: str
    accounts: tuple[str, ...]
    instruments: tuple[InstrumentId, ...] = ()


@dataclass(frozen=True, slots=True)
class Disarmed:
    """An envelope ended; an engine that starts ends it too."""

    kind: ClassVar[str] = "disarmed"
    at_ns: int
    envelope: str
    reason: str


@dataclass(frozen=True, slots=True)
class Noted:
    """Something worth keeping that changes no order: a disconnect, a refusal, a panic.

    Attributes:
        level: info, warning or alarm. topic: a stable word such as `panic`, `feed`, `reconcile`.
    """

    kind: ClassVar[str] = "noted"
    at_ns: int
    level: str
    topic: str
    text: str
    account: str = ""


Act = (
    EngineStarted
    | EngineStopped
    | InstrumentTold
    | LineJudged
    | LineConfirmed
    | OrdersIntended
    | OrdersSending
    | CancelsSending
    | AmendsIntended
    | AmendSending
    | Reported
    | Filled
    | OrderAdopted
    | CashMoved
    | FillImported
    | PastRead
    | SessionStarted
    | ConsoleCame
    | StreamWasAway
    | LedgerSeeded
    | Differed
    | TermSending
    | TermSettled
    | DayStarted
    | SettingChanged
    | TradingHeld
    | Armed
    | Disarmed
    | PanicMoved
    | Noted
)
"""One row of the journal."""

ACT_TYPES: dict[str, type[Act]] = {
    cls.kind: cls
    for cls in (
        EngineStarted,
        EngineStopped,
        InstrumentTold,
        LineJudged,
        LineConfirmed,
        OrdersIntended,
        OrdersSending,
        CancelsSending,
        AmendsIntended,
        AmendSending,
        Reported,
        Filled,
        OrderAdopted,
        CashMoved,
        FillImported,
        PastRead,
        SessionStarted,
        ConsoleCame,
        StreamWasAway,
        LedgerSeeded,
        Differed,
        TermSending,
        TermSettled,
        DayStarted,
        SettingChanged,
        TradingHeld,
        Armed,
        Disarmed,
        PanicMoved,
        Noted,
    )
}
"""By `kind`, for decoding."""
