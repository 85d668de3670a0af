"""Notices as toasts: a few at a time, bursts summed up, a bell for alarms."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.wire.messages import Notice

GATHER_S = 0.3
"""How long a notice waits for others of its kind."""
PAUSE_S = 1.5
"""Least time between two toasts of one kind; what comes in between is summed up."""
MOST_LINES = 3
_SEVERITY = {"info": "information", "warning": "warning", "alarm": "error"}
_NAMES = {"fill": "fills", "order": "order notices", "feed": "feed notices", "risk": "denials"}


class NoticeBoard:
    """Gathers what comes together into one toast, and sums up bursts.

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
        self._held: dict[str, list[Notice]] = {}
        self._due: dict[str, float] = {}

    def put(self, notice: Notice) -> None:
        """Hold a notice until it is due; an alarm is shown at once."""
        if notice.level == "alarm":
            self._ring()
            self._show(_words(notice), _title(notice.topic), "error")
            return
        held = self._held.setdefault(notice.topic, [])
        if not held:
            self._due[notice.topic] = max(self._due.get(notice.topic, 0.0), self._now() + GATHER_S)
        held.append(notice)

    def flush(self) -> None:
        """Show what is due; called a few times a second."""
        now = self._now()
        for topic in [topic for topic in self._held if self._due[topic] <= now]:
            held = self._held.pop(topic)
            self._due[topic] = now + PAUSE_S
            level = "warning" if any(notice.level == "warning" for notice in held) else "info"
            lines = [_words(notice) for notice in held]
            if len(held) > MOST_LINES:
                last = next(n for n in reversed(held) if level in {n.level, "info"})
                lines = [f"{len(held)} {_NAMES.get(topic, topic + ' notices')}", f"last: {_words(last)}"]
            self._show("\n".join(lines), _title(topic), _SEVERITY[level])


def _title(topic: str) -> str:
    return topic.capitalize()


def _words(notice: Notice) -> str:
    return f"{notice.account}: {notice.text}" if notice.account else notice.text
