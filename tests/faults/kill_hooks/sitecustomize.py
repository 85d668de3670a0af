"""Ends an engine as `kill -9` does, at a step on the way of an order; from outside the product.

Every interpreter of a kill run loads this. A file in the folder `armed` beside it, named after a step, says
at which pass of it the process dies (1 is the first); `reached` then says that it did.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections import Counter
from pathlib import Path
from typing import Any

from module_hooks import install

HERE = Path(__file__).parent
passes: Counter[str] = Counter()


def armed(step: str) -> bool:
    return (HERE / "armed" / step).exists()


def reach(step: str) -> None:
    """The process stands at a step: it dies here when that was asked for."""
    file = HERE / "armed" / step
    try:
        wanted = int(file.read_text())
    except FileNotFoundError:
        return
    passes[step] += 1
    if passes[step] >= wanted:
        file.rename(HERE / "reached" / step)
        os.kill(os.getpid(), signal.SIGKILL)


def kinds_of(jobs: Any) -> set[str]:
    """Kinds of the acts in jobs of the journal's writer."""
    return {kind for job in jobs for _, _, kind, _ in getattr(job, "acts", ())}


def break_disk() -> None:
    """The journal's log takes no more writing: SQLite's own handle stands for one that is read-only."""
    for handle in list(Path("/proc/self/fd").iterdir()):
        if handle.is_symlink() and handle.readlink().name == "journal.db-wal":
            other = os.open(handle.readlink(), os.O_RDONLY)
            os.dup2(other, int(handle.name))
            os.close(other)


def previews(module: Any) -> None:
    put = module.Previews.put

    def hooked(self: Any, waiting: Any) -> None:
        put(self, waiting)
        reach("previewed")

    module.Previews.put = hooked


def executor(module: Any) -> None:
    start = module.Executor.start

    async def hooked(self: Any, *args: Any, **kwargs: Any) -> Any:
        reach("confirmed")
        return await start(self, *args, **kwargs)

    module.Executor.start = hooked


def database(module: Any) -> None:
    insert = module.insert_rows

    def hooked(connection: Any, rows: Any) -> None:
        insert(connection, rows)
        if any(row.kind == "orders_intended" for row in rows):
            reach("intents-written")  # inside the transaction

    module.insert_rows = hooked


def writer(module: Any) -> None:
    write = module.Writer._write

    def hooked(self: Any, work: Any) -> Any:
        if armed("disk-broken"):
            break_disk()
        if armed("disk-read-only"):
            self._connection.execute("PRAGMA query_only=ON")
        kept = write(self, work)
        kinds = kinds_of(work)
        if "orders_intended" in kinds:
            reach("synced")  # durable, and nobody was told yet
        if "reported" in kinds:
            reach("answer-journalled")
        return kept

    module.Writer._write = hooked


def signing(module: Any) -> None:
    wired = module._Wired

    def sign(
        self: Any, path: Any, api: Any = "public", method: Any = "GET", *args: Any, **kwargs: Any
    ) -> Any:
        signed = super(wired, self).sign(path, api, method, *args, **kwargs)
        if method == "POST" and "rder" in path:
            reach("signed")
        return signed

    wired.sign = sign


def attempt(module: Any) -> None:
    left = module.Attempt.left

    def hooked(self: Any) -> None:
        left(self)
        if self.method == "POST" and self.orders:
            reach("partly-sent")

    module.Attempt.left = hooked


def dispatch(module: Any) -> None:
    take = module.Dispatcher._take

    def hooked(self: Any, requests: Any, reports: Any) -> Any:
        reach("answered")
        return take(self, requests, reports)

    module.Dispatcher._take = hooked


def desk(module: Any) -> None:
    record = module.Desk.record

    def hooked(self: Any, *batch: Any) -> Any:
        found = record(self, *batch)
        if any(act.kind == "filled" for act in batch):
            reach("fill-seen")  # in the state and queued; durable or not
        return found

    module.Desk.record = hooked


def days(module: Any) -> None:
    """Equity is kept once a minute; a run does not wait so long for it."""
    check = module.DayBook.check

    def hooked(self: Any, now_ns: int) -> None:
        check(self, now_ns)
        if armed("history-written"):
            self.hurried = asyncio.get_running_loop().create_task(self.record(now_ns))

    module.DayBook.check = hooked


def history(module: Any) -> None:
    put = module.HistoryClient.put_equity

    async def hooked(self: Any, points: Any) -> None:
        await put(self, points)
        reach("history-written")

    module.HistoryClient.put_equity = hooked


HOOKS = {
    "hedge_tui.engine.previews": previews,
    "hedge_tui.engine.execution.executor": executor,
    "store.journal.database": database,
    "store.journal.writer": writer,
    "adapters.via_ccxt.instance": signing,
    "adapters.via_ccxt.attempt": attempt,
    "hedge_tui.engine.execution.dispatch": dispatch,
    "hedge_tui.engine.desk": desk,
    "hedge_tui.engine.days": days,
    "store.client": history,
}


install(HOOKS)
