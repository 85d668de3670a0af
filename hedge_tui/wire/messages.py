"""Every message on the socket, in both directions, as tagged msgpack structs.

The first message of a client is `Hello`, the first answer `Welcome` or `Goodbye`. Requests carry an
`id`, and exactly one answer with the same `id` comes back: `Reply` and its kin, or `Failure`.
`Frame`s come unasked.
"""

from __future__ import annotations

from typing import Any

import msgspec

PROTOCOL = 1
"""Bumped when an older console could misread the engine. Rule: the numbers must be equal; a console of
another number is told which side to update and is let go; the engine and its orders are not touched."""


class Hello(msgspec.Struct, tag="hello", frozen=True):
    """A client introduces itself.

    Attributes:
        client: "console", "cli" or another word for the log. version: of the package.
    """

    protocol: int
    version: str
    client: str
    pid: int


class Welcome(msgspec.Struct, tag="welcome", frozen=True):
    """The engine lets the client in.

    Attributes:
        locked: accounts wait for `hedge unlock`.
        lock_holder: name of the client that may trade, "" if nobody has taken the lock.
        mode_words: modes of the accounts, such as ("sandbox",).
    """

    protocol: int
    version: str
    engine_pid: int
    client_name: str
    data_dir: str
    reporting_currency: str
    locked: bool
    lock_holder: str
    modes: tuple[str, ...]


class Goodbye(msgspec.Struct, tag="goodbye", frozen=True):
    """The engine ends the connection and says why."""

    reason: str


class Subscribe(msgspec.Struct, tag="subscribe", frozen=True):
    """Follow exactly these topics from now on; see `topics`. New ones begin with a full table."""

    topics: tuple[str, ...]


class Submit(msgspec.Struct, tag="submit", frozen=True):
    """A typed line, to be previewed or (for lines that send nothing) carried out.

    Attributes:
        scope: the console's active account ("" for none, as in `hedge do`).
        symbol: the instrument in focus, "" for none.
        selection: keys of selected rows, such as client order ids.
    """

    id: int
    text: str
    scope: str = ""
    symbol: str = ""
    selection: tuple[str, ...] = ()
    origin: str = "keyboard"


class Confirm(msgspec.Struct, tag="confirm", frozen=True):
    """Send the previewed plan with this hash, once, not later than 10 s after its preview.

    Attributes:
        wait: answer only when every leg has an answer (or 15 s have passed), not at once.
        typed: what was typed again, for a preview that asks for it by `Preview.retype`.
    """

    id: int
    hash: str
    wait: bool = False
    typed: str = ""


class Query(msgspec.Struct, tag="query", frozen=True):
    """Ask for data once; see `engine.queries` for names and arguments."""

    id: int
    name: str
    args: dict[str, Any] = {}


class TakeLock(msgspec.Struct, tag="take_lock", frozen=True):
    """Ask for the trading lock; `force` takes it from a living holder, who is told."""

    id: int
    force: bool = False


class Unlock(msgspec.Struct, tag="unlock", frozen=True):
    """Open the vault with this passphrase; the only message that carries a secret, never logged.

    Attributes:
        only_check: nothing is opened; the answer says whether the passphrase is right (the lock screen asks).
    """

    id: int
    passphrase: str
    only_check: bool = False

    def __repr__(self) -> str:
        return f"Unlock(id={self.id}, passphrase=…)"

    def __rich_repr__(self) -> Any:
        yield "id", self.id


class LegRow(msgspec.Struct, frozen=True):
    """One row of a preview, as text ready to show.

    Attributes:
        problem: why it will not be sent, or "". note: what to know though it will.
        old, new: of a leg that changes a setting: what it is and what it becomes; "" for orders.
    """

    act: str
    account: str
    instrument: str
    side: str
    type: str
    quantity: str
    price: str
    typed_price: str
    notional: str
    fee: str
    effect: str
    margin_after: str
    flags: str
    problem: str
    note: str
    client_order_id: str = ""
    old: str = ""
    new: str = ""


class Preview(msgspec.Struct, tag="preview", frozen=True):
    """What a line would do.

    Attributes:
        headline: totals in words. totals: (account, legs, notional, fee) rows.
        sendable: legs that will be sent on confirmation; 0 means there is nothing to confirm.
        expires_in_s: how long it may be confirmed.
        asks: what the key does where nothing is sent by it ("arms ..."), else "".
        details: more lines below the headline.
        retype: what must be typed again to confirm it, "" where a key is enough.
    """

    id: int
    hash: str
    text: str
    headline: str
    rows: tuple[LegRow, ...]
    totals: tuple[tuple[str, int, str, str], ...]
    warnings: tuple[str, ...]
    sendable: int
    expires_in_s: float
    preview_only: bool = False
    asks: str = ""
    details: tuple[str, ...] = ()
    retype: str = ""


class LegResult(msgspec.Struct, frozen=True):
    """What became of one leg.

    Attributes:
        status: an order status; of a changed setting "done", "failed" or "unknown".
    """

    account: str
    instrument: str
    client_order_id: str
    venue_order_id: str
    status: str
    filled: str
    average_price: str
    reason: str


class Result(msgspec.Struct, tag="result", frozen=True):
    """A confirmed plan went out.

    Attributes:
        run: id shared by its orders. legs: empty unless `Confirm.wait`. text: what to say instead, or "".
    """

    id: int
    run: str
    sent: int
    legs: tuple[LegResult, ...] = ()
    text: str = ""


class Done(msgspec.Struct, tag="done", frozen=True):
    """A line without legs (account, watch, set, alias, help ...) was carried out.

    Attributes:
        text: what to show. action: something for the console itself to do, such as
            {"scope": "desk-1"}, {"open": "help"}, {"chart": "binance:BTC/USDT"}.
    """

    id: int
    text: str
    action: dict[str, Any] = {}


class Reply(msgspec.Struct, tag="reply", frozen=True):
    """The data a query asked for."""

    id: int
    data: Any


class Failure(msgspec.Struct, tag="failure", frozen=True):
    """A request that was refused.

    Attributes:
        kind: command, denied, locked, read_only, unavailable, store, stale, internal.
        span: of the typed text, for kind command. readings: for ambiguous text.
    """

    id: int
    kind: str
    message: str
    span: tuple[int, int] = (0, 0)
    hint: str = ""
    readings: tuple[str, ...] = ()


class Delta(msgspec.Struct, frozen=True):
    """What changed in one topic since the last frame this client got.

    Attributes:
        full: the rows are all there is; drop what you had.
        rows: lists of values in the order of `topics.COLUMNS`; the first value is the key.
        removed: keys that are gone.
        document: for topics that are no table (book, chart): the newest state, or a tail of it.
    """

    topic: str
    full: bool = False
    rows: list[list[Any]] = []
    removed: list[str] = []
    document: Any = None


class Frame(msgspec.Struct, tag="frame", frozen=True):
    """Conflated news, at most 30 a second, skipped while the client does not read.

    Attributes:
        seq: counts frames of this client. skipped: frames not sent since the last one.
    """

    seq: int
    at_ns: int
    deltas: list[Delta]
    skipped: int = 0


class Notice(msgspec.Struct, tag="notice", frozen=True):
    """Something to tell the trader now: a fill, a reject, a lost feed, the lock taken over.

    Attributes:
        level: info, warning or alarm.
    """

    at_ns: int
    level: str
    topic: str
    text: str
    account: str = ""


ClientMessage = Hello | Subscribe | Submit | Confirm | Query | TakeLock | Unlock
ServerMessage = Welcome | Goodbye | Preview | Result | Done | Reply | Failure | Frame | Notice
