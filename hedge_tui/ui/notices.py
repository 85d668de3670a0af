"""Notices as toasts: a few at a time, bursts summed up, a bell for alarms."""

from __future__ import annotations

import time
from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.wire.messages import Notice

WINDOW_S = 3.0
MOST = 3
"""Toasts within a window; what comes beyond is summed up at its end."""
_SEVERITY = {"info": "information", "warning": "warning", "alarm": "error"}
_NAMES = {"fill": "fills", "order": "order notices", "feed": "feed notices", "risk": "denials"}


class NoticeBoard:
    """Lets single notices through and sums up bursts.

    Args:
        show: (text, title, severity). ring: the bell. now: monotonic seconds.
    """

    def __init__(
        self,
        show: Callable[[str, str, str], None],
        ring: Callable[[], None],
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._show = show
        self._ring = ring
        self._now = now
        self._recent: list[float] = []
        self._held: list[Notice] = []

    def put(self, notice: Notice) -> None:
        """Show a notice or hold it back; alarms are never held back."""
        if notice.level == "alarm":
            self._ring()
            self._say(notice)
            return
        now = self._now()
        self._recent = [at for at in self._recent if now - at < WINDOW_S]
        if len(self._recent) >= MOST or self._held:
            self._held.append(notice)
            return
        self._recent.append(now)
        self._say(notice)

    def flush(self) -> None:
        """Sum up what was held back, once the window is over; called about once a second."""
        now = self._now()
        self._recent = [at for at in self._recent if now - at < WINDOW_S]
        if not self._held or self._recent:
            return
        held, self._held = self._held, []
        if len(held) == 1:
            self._say(held[0])
            return
        counts = Counter(notice.topic for notice in held)
        words = ", ".join(f"{count} {_NAMES.get(topic, topic)}" for topic, count in counts.most_common())
        level = "warning" if any(notice.level == "warning" for notice in held) else "info"
        last = next((n for n in reversed(held) if n.level == level), held[-1])
        self._show(f"{words}\nlast: {_words(last)}", "Meanwhile", _SEVERITY[level])

    def _say(self, notice: Notice) -> None:
        self._show(_words(notice), notice.topic.capitalize(), _SEVERITY.get(notice.level, "warning"))


def _words(notice: Notice) -> str:
    return f"{notice.account}: {notice.text}" if notice.account else notice.text
