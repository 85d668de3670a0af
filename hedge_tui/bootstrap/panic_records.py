"""Takes what `hedge panic` did without the engine into the journal, as a note, and compares every account.

At the start, and while the engine runs: it may have hung only for a while.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain import acts
from hedge_tui.domain.errors import StoreError
from store.panic_record import last_words, mark_taken, untaken

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.engine.engine import Engine

log = logging.getLogger(__name__)

LOOK_EVERY_S = 2.0


async def watch_records(engine: Engine, folder: Path) -> None:
    """Look every two seconds until cancelled."""
    while True:
        for path in untaken(folder):
            await _take(engine, path)
        await asyncio.sleep(LOOK_EVERY_S)


async def _take(engine: Engine, path: Path) -> None:
    desk = engine.desk
    try:
        words = last_words(path)
        if words is None:
            return  # it is still at work
        text = f"`hedge panic` worked beside this engine: {words or 'it wrote down nothing'} ({path})"
        # The record keeps its name until the note is durable: it is told twice rather than never.
        await desk.record(acts.Noted(desk.clock.now_ns(), "alarm", "panic", desk.redact(text)))
        log.warning("%s", desk.redact(text))
        mark_taken(path)
    except (OSError, StoreError) as error:
        log.warning("the panic record %s is not taken in: %s", path, error)
        return
    for name in desk.accounts:
        engine.reconciler.refresh(name)
