"""Armed mode: an envelope that a trader confirmed, its clock and its end."""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hedge_tui.command.ast import Confirm
from hedge_tui.command.grammar.numbers import duration_text
from hedge_tui.domain import acts
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import CommandError
from hedge_tui.domain.instrument import InstrumentId, symbol_of
from hedge_tui.engine.desk import drop
from hedge_tui.engine.execution.limits import PREVIEW_VALID_S
from hedge_tui.engine.execution.targets import named
from hedge_tui.wire import messages as m

if TYPE_CHECKING:
    from decimal import Decimal

    from hedge_tui.command.ast import Arm, Cmd
    from hedge_tui.engine.accounts import AccountState
    from hedge_tui.engine.desk import Desk
    from hedge_tui.engine.execution.view import View
    from hedge_tui.engine.markets import Markets

LONGEST_NS = 3_600_000_000_000
"""An hour: whoever trades longer by hand looks up once an hour."""
TOPIC = "armed"


@dataclass(frozen=True, slots=True)
class _Asked:
    """An envelope that waits for its confirmation; its `until_ns` still counts from 0."""

    envelope: acts.Armed
    created_ns: int


class ArmedMode:
    """One envelope at a time, of the session that holds the trading lock."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._asked: dict[str, _Asked] = {}
        self._timer: asyncio.TimerHandle | None = None

    @property
    def in_force(self) -> acts.Armed | None:
        """The envelope, None when every line is previewed."""
        armed = self._desk.state.armed
        return armed if armed is not None and self._desk.clock.now_ns() < armed.until_ns else None

    # -- begin

    def ask(self, message: m.Submit, cmd: Cmd, body: Arm, view: View, by: str) -> m.Preview:
        """The envelope as a preview; nothing is armed before it is confirmed.

        Raises:
            CommandError: too long, no market in focus, an account or a symbol that is unknown.
        """
        if body.over.ns > LONGEST_NS:
            raise CommandError(
                f"armed mode for {duration_text(body.over)} is too long, the most is 1h", body.over.span
            )
        accounts = view.accounts_of(cmd.scope, cmd.span)
        envelope = acts.Armed(
            at_ns=view.now_ns,
            envelope=self._desk.new_order_id()[:12],
            holder=by,
            until_ns=body.over.ns,
            cap=cap_of(body, view.markets),
            currency=view.markets.reporting,
            accounts=tuple(a.name for a in accounts),
            instruments=_instruments(body, accounts, view),
        )
        hash_ = hashlib.blake2b(repr(envelope).encode(), digest_size=16).hexdigest()
        self._asked = {
            key: asked for key, asked in self._asked.items() if asked.envelope.holder != by
        }  # one question a session: the newest
        preview_only = cmd.confirm is Confirm.PREVIEW
        if not preview_only:
            self._asked[hash_] = _Asked(envelope, view.now_ns)
        live = [a.name for a in accounts if a.account.mode is Mode.LIVE]
        return m.Preview(
            id=message.id,
            hash=hash_,
            text=message.text,
            headline=f"Arm {_modes(accounts)}: {duration_text(body.over)}, up to"
            f" {envelope.cap:,.2f} {envelope.currency}",
            rows=(),
            totals=(),
            warnings=(
                *((f"LIVE money: {', '.join(live)}",) if live else ()),
                *self._replaced(),
            ),
            sendable=0 if preview_only else 1,
            expires_in_s=PREVIEW_VALID_S,
            preview_only=preview_only,
            asks="arms: orders inside these bounds go without a dialog",
            details=_bounds(envelope),
        )

    def confirm(self, message: m.Confirm, by: str) -> m.ServerMessage | None:
        """Arm, if the hash is that of an envelope; None when it is not."""
        asked = self._asked.get(message.hash)
        if asked is None or asked.envelope.holder != by:
            return None
        del self._asked[message.hash]
        now = self._desk.clock.now_ns()
        age = (now - asked.created_ns) / 1e9
        if age > PREVIEW_VALID_S:
            text = f"the preview is {age:.1f} s old, the limit is {PREVIEW_VALID_S:.0f} s; preview it again"
            return m.Failure(message.id, "stale", text)
        if self._desk.journal.dead:
            return m.Failure(message.id, "store", self._desk.journal.dead)
        self.end("armed anew")
        envelope = replace(asked.envelope, at_ns=now, until_ns=now + asked.envelope.until_ns)
        drop(self._desk.record(envelope))
        self._desk.note("info", TOPIC, f"{by} armed: {'; '.join(_bounds(envelope))}")
        seconds = (envelope.until_ns - now) / 1e9
        self._timer = asyncio.get_running_loop().call_later(seconds, self._time_is_up)
        return m.Result(message.id, envelope.envelope, 0, (), f"armed for {seconds:.0f} s")

    # -- end

    def end(self, reason: str, *, told: bool = True) -> str:
        """Preview every line again; gives what to say, "" when it was not armed."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        state = self._desk.state
        armed = state.armed
        if armed is None:
            return ""
        spent, lines = state.armed_spent, state.armed_lines
        drop(self._desk.record(acts.Disarmed(self._desk.clock.now_ns(), armed.envelope, reason)))
        text = (
            f"disarmed: {reason}; {lines} line{'s' if lines != 1 else ''},"
            f" {spent:,.2f} of {armed.cap:,.2f} {armed.currency} sent"
        )
        self._desk.note("warning" if told else "info", TOPIC, text)
        return text

    def lost(self, session: str, reason: str) -> None:
        """A session may trade no more: what it armed ends with that."""
        self._asked = {k: asked for k, asked in self._asked.items() if asked.envelope.holder != session}
        armed = self._desk.state.armed
        if armed is not None and armed.holder == session:
            self.end(reason)

    def sent(self) -> None:
        """Something left: an envelope that is used up ends."""
        state = self._desk.state
        if state.armed is not None and state.armed_spent >= state.armed.cap:
            self.end("its cap is used up")

    def _time_is_up(self) -> None:
        armed = self._desk.state.armed
        if armed is None:
            return
        left = (armed.until_ns - self._desk.clock.now_ns()) / 1e9
        if left > 0:  # the wall clock was set back
            self._timer = asyncio.get_running_loop().call_later(left, self._time_is_up)
        else:
            self.end("its time is over")

    def _replaced(self) -> tuple[str, ...]:
        armed = self.in_force
        if armed is None:
            return ()
        left = armed.cap - self._desk.state.armed_spent
        return (f"replaces the envelope in force, with {left:,.2f} {armed.currency} left",)


def cap_of(body: Arm, markets: Markets) -> Decimal:
    """The typed cap in the reporting currency.

    Raises:
        CommandError: no market tells what its unit is worth.
    """
    unit, value = body.cap.unit, body.cap.value
    worth = markets.value(unit, value)
    if worth is None:
        raise CommandError(
            f"no market tells what {value:f} {unit} is in {markets.reporting}",
            body.cap.span,
            f"write the cap in {markets.reporting}",
        )
    return worth


def _instruments(body: Arm, accounts: list[AccountState], view: View) -> tuple[InstrumentId, ...]:
    if body.everywhere:
        return ()
    if body.symbols:
        found = named(body.symbols, accounts, view)
        return tuple(dict.fromkeys(one.id for own in found.values() for one in own))
    if view.focus is None:
        raise CommandError(
            "no market is on screen to be armed", body.span, "name it: arm 5m cap 5kusd on BTC.p"
        )
    return (view.focus,)


def _modes(accounts: list[AccountState]) -> str:
    """The kinds of money, the most dangerous in capitals: "LIVE money", "paper and sandbox money"."""
    modes = {a.account.mode for a in accounts}
    words = ["LIVE"] * (Mode.LIVE in modes) + sorted(mode.value for mode in modes - {Mode.LIVE})
    return f"{' and '.join(words)} money"


def _bounds(envelope: acts.Armed) -> tuple[str, ...]:
    """The envelope in words, a line for each bound."""
    markets = ", ".join(symbol_of(one) for one in envelope.instruments) or "every market"
    names = envelope.accounts
    scope = ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")
    return (
        f"cap: {envelope.cap:,.2f} {envelope.currency} of notional meant to be sent, filled or not",
        f"accounts: {scope}",
        f"markets: {markets}",
        "orders: limit and market, at prices within the risk limits; no amendments, no leverage",
    )
