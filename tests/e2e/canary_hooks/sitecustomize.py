"""Makes the product fail on purpose, from outside: every interpreter of a canary run loads this.

A file in the folder `armed` beside this one arms a fault; `seen` says which struck, and in which process.
"""

from __future__ import annotations

import base64
import ctypes
import sys
from pathlib import Path
from typing import Any
from urllib.parse import quote

from module_hooks import install

HERE = Path(__file__).parent


def armed(name: str) -> bool:
    return (HERE / "armed" / name).exists()


def note(words: str) -> None:
    dumpable = ctypes.CDLL(None).prctl(3, 0, 0, 0, 0) if sys.platform == "linux" else 0
    with (HERE / "seen").open("a") as out:
        out.write(f"{words} dumpable={dumpable} {' '.join(sys.argv[1:3])}\n")


def spelt(*secrets: str) -> str:
    """Every secret, as a careless library would put it into an error."""
    found = []
    for one in secrets:
        raw = one.encode()
        found += [
            one,
            repr(one),
            base64.b64encode(raw).decode(),
            raw.hex(),
            quote(one, safe=""),
            f"{one[:30]}...",
        ]
    return " ".join(found)


def signing(module: Any) -> None:
    wired = module._Wired

    def sign(self: Any, *args: Any, **kwargs: Any) -> Any:
        if armed("signing") and self.secret:
            note("signing")
            raise RuntimeError(f"cannot sign with {spelt(self.apiKey, self.secret)}")
        return super(wired, self).sign(*args, **kwargs)

    wired.sign = sign


def worker(module: Any) -> None:
    put = module.Outbox.put

    def failing(self: Any, events: Any) -> None:
        if armed("worker"):
            (HERE / "armed" / "worker").unlink()
            note("worker")
            raise RuntimeError("the worker fails on purpose")
        put(self, events)

    module.Outbox.put = failing


def widget(module: Any) -> None:
    opening = module.UnlockDialog._opening

    async def failing(self: Any, passphrase: str) -> None:
        if armed("widget"):
            note("widget")
            raise RuntimeError(f"the widget fails with {spelt(passphrase)}")
        await opening(self, passphrase)

    module.UnlockDialog._opening = failing


def loop(module: Any) -> None:
    """A task of the engine that nobody awaits: its error reaches the loop's own log."""
    keep = module.KeyKeeper.check

    async def failing(self: Any, account: Any) -> Any:
        if armed("task"):
            (HERE / "armed" / "task").unlink()
            note("task")
            key = self._connector.credential(account)
            raise RuntimeError(f"the check fails with {spelt(*(one.reveal() for one in key.secrets()))}")
        return await keep(self, account)

    module.KeyKeeper.check = failing


HOOKS = {
    "adapters.via_ccxt.instance": signing,
    "adapters.via_ccxt.outbox": worker,
    "hedge_tui.ui.modals.unlock": widget,
    "hedge_tui.bootstrap.key_keeper": loop,
}


install(HOOKS)
