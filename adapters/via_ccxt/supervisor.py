"""Runs a client's main task and starts it again when it dies: no feed ends silently.

Used by `execution` and `data` for their outermost task; streams have supervisors of their own inside.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import HedgeError
from hedge_tui.domain.health import FeedState

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from adapters.via_ccxt.backoff import Backoff
    from adapters.via_ccxt.health import HealthKeeper
    from adapters.via_ccxt.redaction import Redactor

_log = logging.getLogger(__name__)


async def supervise(
    run: Callable[[], Awaitable[None]], health: HealthKeeper, backoff: Backoff, redact: Redactor
) -> None:
    """Run `run` until it is cancelled; what it raises is said in `health`, and it is run again.

    A venue that ccxt does not know cannot come alive by trying again: it ends as FAILED.
    """
    loop = asyncio.get_running_loop()
    health.become(FeedState.STARTING, "")
    while True:
        began = loop.time()
        try:
            await run()
            why = "restarted after it ended"
        except LookupError as error:
            health.become(FeedState.FAILED, redact(error.args[0] if error.args else error))
            return
        except HedgeError as error:
            why = redact(error)
        except Exception as error:  # noqa: BLE001 - a bug in one feed must not silence it for good
            _log.exception("%s failed", health.feed)
            why = f"restarted after {type(error).__name__}: {redact(error)}"
        pause = backoff.failed(loop.time() - began)
        health.become(FeedState.RECONNECTING, f"{why}; again in {pause:.1f} s")
        await asyncio.sleep(pause)
