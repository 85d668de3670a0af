"""Explains orders for the console, in a process of its own: reading the record would stall the loop."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.process import PROGRAM
from hedge_tui.domain.errors import HedgeError

if TYPE_CHECKING:
    from hedge_tui.config.paths import Paths

LIMIT_S = 120.0
LONGEST = 80


class Explainer:
    """Runs `hedge journal replay --explain`, one at a time."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._one = asyncio.Lock()

    async def explain(self, about: str) -> list[str]:
        """Lines about an order, a line or an act.

        Raises:
            HedgeError: there is no such thing, or the record cannot be read; in words.
        """
        if len(about) > LONGEST:
            raise HedgeError(f"{len(about)} characters name no order; the longest id has 32")
        words = ["journal", "replay", f"--explain={about}", "--lines"]
        words += ["--data-dir", str(self._paths.data_dir)]
        if self._paths.config_file.exists():
            words += ["--config", str(self._paths.config_file)]
        async with self._one:
            child = await asyncio.create_subprocess_exec(
                *PROGRAM,
                *words,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd="/",
            )
            try:
                async with asyncio.timeout(LIMIT_S):
                    told, wrong = await child.communicate()
            except TimeoutError:
                raise HedgeError(f"the journal was not read within {LIMIT_S:.0f} s") from None
            finally:
                with contextlib.suppress(ProcessLookupError):
                    child.kill()
        if child.returncode:
            raise HedgeError(wrong.decode(errors="replace").strip().removeprefix("hedge: "))
        lines: list[str] = json.loads(told)
        return lines
