"""Hides the console while nobody is at it: by a key, by a line, or after some idle minutes.

The engine checks the passphrase; orders, alarms and the engine itself go on. It locks this screen, not the
shell that it runs in.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hedge_tui.domain.errors import EngineUnreachable, HedgeError
from hedge_tui.ui.modals.lock_screen import LockScreen

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.ui.app import HedgeApp

ALLOWED = frozenset({"panic", "press", "flat", "stop", "abort", "leave", "dismiss"})
"""What keys may do while the screen is locked, besides typing the passphrase."""


class ScreenLock:
    """Whether the console is locked, and when it locks itself.

    Args:
        app: the console.
        idle_min: minutes without a key; 0 for never.
        now: monotonic seconds.
    """

    def __init__(self, app: HedgeApp, idle_min: int, now: Callable[[], float]) -> None:
        self._app = app
        self._idle_s = idle_min * 60.0
        self._now = now
        self._touched = now()
        self._has_vault = False
        self._asking = False
        self.locked = False

    def touched(self) -> None:
        """Somebody pressed a key or moved the mouse."""
        self._touched = self._now()

    def look(self) -> None:
        """Lock when nobody has done anything for long enough."""
        if self._idle_s and not self.locked and self._now() - self._touched >= self._idle_s:
            self.touched()
            self.lock(by_itself=True)

    def lock(self, *, by_itself: bool = False) -> None:
        """Hide everything, if there is a passphrase that can show it again."""
        if not self.locked and not self._asking:
            self._asking = True
            self._app.run_worker(self._lock(by_itself=by_itself), group="screen lock", name="screen lock")

    async def _lock(self, *, by_itself: bool) -> None:
        try:
            self._has_vault = bool((await self._app.link.client.query("status")).get("vault"))
        except HedgeError:
            pass  # no engine now: what was known last counts
        finally:
            self._asking = False
        if not self._has_vault:
            if not by_itself:
                self._app.say("no vault, so no passphrase could open the screen again: hedge keys add NAME")
            return
        self.locked = True
        self._app.clear_notifications()
        self._app.push_screen(LockScreen(self._check, self))

    async def _check(self, passphrase: str) -> None:
        """Open the screen when the engine knows the passphrase. Raises HedgeError when it does not."""
        try:
            await self._app.link.client.unlock(passphrase, only_check=True)
        except EngineUnreachable:
            raise EngineUnreachable("no engine answers; the screen opens when it is back") from None
        self.touched()
        self.locked = False
