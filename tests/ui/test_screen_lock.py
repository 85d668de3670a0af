"""The locked console shows nothing, takes nothing but the passphrase and panic, and locks itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from console_desk import Console, console_on, desk  # noqa: F401 - a fixture

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from paper_desk import PaperDesk


@pytest.fixture
async def console(desk: PaperDesk) -> AsyncIterator[Console]:  # noqa: F811 - the fixture
    async with console_on(desk, (120, 40)) as running:
        yield running


def shown(console: Console) -> str:
    """Every character on the screen."""
    size = console.app.size
    lines = console.app.screen._compositor.render_strips(size)
    return "\n".join("".join(segment.text for segment in strip) for strip in lines)


async def locked(console: Console) -> None:
    await console.until(lambda: console.dialog("LockScreen"), "the screen locks")
    await console.pilot.pause(0.1)


async def test_nothing_is_seen_and_only_the_passphrase_opens(console: Console) -> None:
    await console.until(lambda: "BTC" in shown(console), "prices are on screen")
    await console.press("L")
    await locked(console)
    for word in ("USDT", "BTC", "SANDBOX", "Trade"):
        assert word not in shown(console)
    stack = len(console.app.screen_stack)
    await console.press("P", "colon", "ctrl+p", "ctrl+q", "f3", "U", "f9", "escape", "tab")
    await console.pilot.pause(0.1)
    assert len(console.app.screen_stack) == stack
    assert console.app.desk_screen().mode_id == "trade"
    assert console.app.is_running
    console.app.say("desk-1 lost 5 USDT")
    await console.pilot.pause(0.1)
    assert "desk-1" not in shown(console)
    dialog: Any = console.app.screen
    dialog.query_one("Input").value = ""
    await console.type("guess")
    await console.press("enter")
    await console.until(lambda: "wrong" in shown(console), "the engine says no")
    await console.type("open sesame")
    await console.press("enter")
    await console.until(lambda: not console.dialog("LockScreen"), "the screen opens")
    await console.until(lambda: "BTC" in shown(console), "prices are on screen")


async def test_panic_works_from_the_lock(console: Console) -> None:
    await console.send("@desk-1 buy 500usd BTC.p at bid-5%")
    await console.until(lambda: len(console.orders()) == 1, "the order rests")
    await console.line("lock")
    await locked(console)
    await console.press("ctrl+k")
    await console.until(lambda: console.dialog("PanicDialog"), "the panic dialog opens")
    await console.armed()
    await console.press("enter")
    await console.until(lambda: not console.orders(), "the entry is cancelled")
    await console.press("escape")
    await locked(console)
    assert "desk-1" not in shown(console)


async def test_it_locks_itself_after_idle_minutes(console: Console, monkeypatch: pytest.MonkeyPatch) -> None:
    lock = console.app.screen_lock
    now = lock._now()
    lock._idle_s, lock._now = 300.0, lambda: now
    lock.touched()
    now += 299
    lock.look()
    await console.pilot.pause(0.1)
    assert not lock.locked
    await console.press("down")
    await console.until(lambda: lock._touched == now, "a key is seen")
    await console.pilot.pause(0.3)  # it is seen again when it bubbles up
    now += 299
    lock.look()
    await console.pilot.pause(0.1)
    assert not lock.locked, "a key counts"
    now += 2
    await locked(console)


async def test_without_a_vault_nothing_could_open_it_again(console: Console) -> None:
    console.desk.connector.has_vault = False
    await console.press("L")
    await console.until(lambda: not console.app.screen_lock._asking, "asked")
    await console.pilot.pause(0.1)
    assert not console.app.screen_lock.locked
    assert not console.dialog("LockScreen")
