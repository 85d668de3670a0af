"""Makes a dangerous key deaf until its dialog has been in sight for a moment.

Keys typed before that (into the line, while the engine was asked, or by a held-down enter) do nothing and put
the moment off, so that only a key pressed on purpose after reading can send anything.
"""

from __future__ import annotations

ARM_S = 0.3


class Arming:
    """When the keys of one dialog begin to count.

    Args:
        now: monotonic seconds when the dialog came into sight.
    """

    def __init__(self, now: float) -> None:
        self._armed_at = now + ARM_S

    def armed(self, now: float) -> bool:
        """Whether keys pressed now count."""
        return now >= self._armed_at

    def accepts(self, pressed_at: float, now: float) -> bool:
        """Whether a key pressed at `pressed_at`, handled at `now`, counts; one that does not puts it off.

        A key may wait in the queue while the loop is busy: its own time decides, not that of its handling.
        """
        if pressed_at >= self._armed_at:
            return True
        self._armed_at = max(self._armed_at, now + ARM_S)
        return False
