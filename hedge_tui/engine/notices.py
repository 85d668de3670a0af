"""What consoles are told at once: fills and warnings, one by one while few, in sums when they burst."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from hedge_tui.wire.messages import Notice

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.domain.acts import Noted
    from hedge_tui.domain.fill import Fill
    from hedge_tui.domain.ports.clock import Clock
    from hedge_tui.engine.state import Changes

AT_ONCE = 3
"""Notices of one topic that go out one by one within a window; what follows is summed up."""
WINDOW_S = 1.0


class Notices:
    """Alarms are never held back; everything else is counted by topic while it comes too fast to read."""

    def __init__(self, send: Callable[[Notice], None], clock: Clock) -> None:
        self._send = send
        self._clock = clock
        self._sent: dict[str, int] = {}
        self._held: dict[str, list[Notice]] = {}
        self._timer: asyncio.TimerHandle | None = None

    def changed(self, changes: Changes) -> None:
        """Listen to the desk."""
        for note in changes.notes:
            self._note(note)
        for fill in changes.fills:
            self._tell(Notice(fill.local_ns, "info", "fill", _words(fill), fill.account))

    def close(self) -> None:
        """Say what is held back, and stop."""
        if self._timer is not None:
            self._timer.cancel()
            self._flush()

    def _note(self, note: Noted) -> None:
        notice = Notice(note.at_ns, note.level, note.topic, note.text, note.account)
        if note.level == "alarm":
            self._send(notice)
        elif note.level != "info":
            self._tell(notice)

    def _tell(self, notice: Notice) -> None:
        sent = self._sent.get(notice.topic, 0)
        if sent < AT_ONCE:
            self._sent[notice.topic] = sent + 1
            self._send(notice)
        else:
            self._held.setdefault(notice.topic, []).append(notice)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(WINDOW_S, self._flush)

    def _flush(self) -> None:
        self._timer = None
        held, self._held, self._sent = self._held, {}, {}
        for topic, notices in held.items():
            self._send(self._sum(topic, notices))
            # A burst that goes on stays summed up: the next window begins with nothing to spare.
            self._sent[topic] = AT_ONCE
        if held:
            self._timer = asyncio.get_running_loop().call_later(WINDOW_S, self._flush)

    def _sum(self, topic: str, notices: list[Notice]) -> Notice:
        if len(notices) == 1:
            return notices[0]
        accounts = sorted({notice.account for notice in notices if notice.account})
        level = "warning" if any(notice.level == "warning" for notice in notices) else "info"
        words = (
            f"{len(notices)} more fills" if topic == "fill" else f"{len(notices)} more: {notices[-1].text}"
        )
        where = f" on {len(accounts)} accounts" if len(accounts) > 1 else ""
        account = accounts[0] if len(accounts) == 1 else ""
        return Notice(self._clock.now_ns(), level, topic, words + where, account)


def _words(fill: Fill) -> str:
    return f"{fill.side} {fill.quantity:f} {fill.instrument.partition(':')[2]} at {fill.price:f}"
