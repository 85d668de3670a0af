"""The journal's disk is full, broken or read-only under a running engine; real sockets, ccxt and processes.

Full: from outside the process is allowed no more file space (RLIMIT_FSIZE), so that every write fails in the
kernel. Broken and read-only need root for a real device: there SQLite's own handle is replaced, outside the
product, by one that refuses.
"""

from __future__ import annotations

import asyncio
import resource
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from faults.kill_desk import KillDesk, kill_desk
from faults.tally import Tally, runs

from hedge_tui.bootstrap.launch import attach
from hedge_tui.wire.client import RequestRefused
from hedge_tui.wire.messages import Done, Preview

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.timeout(600),
    pytest.mark.skipif(sys.platform != "linux", reason="prlimit and /proc are Linux's"),
]
WORDS = {"full": "", "broken": "I/O error", "read-only": "readonly"}


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: object) -> Iterator[KillDesk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDGE_RUNTIME_DIR", str(_runtime_dir))
        with kill_desk(tmp_path_factory.mktemp("disk"), patch) as found:
            yield found


def harm(desk: KillDesk, fault: str) -> None:
    if fault == "full":
        hard = resource.prlimit(desk.pid(), resource.RLIMIT_FSIZE)[1]
        resource.prlimit(desk.pid(), resource.RLIMIT_FSIZE, (1, hard))
    else:
        (desk.hooks / "armed" / f"disk-{fault}").write_text("")


def mend(desk: KillDesk, fault: str) -> None:
    if fault == "full":
        hard = resource.prlimit(desk.pid(), resource.RLIMIT_FSIZE)[1]
        resource.prlimit(desk.pid(), resource.RLIMIT_FSIZE, (hard, hard))
    else:
        (desk.hooks / "armed" / f"disk-{fault}").unlink()


def typed(desk: KillDesk, line: str) -> Any:
    """The engine's answer to a line that needs no preview, or to its confirmation."""

    async def run() -> Any:
        client = await attach(desk.socket, timeout_s=60)
        try:
            answer = await client.submit(line, origin="cli")
            return await client.confirm(answer.hash, wait=True) if isinstance(answer, Preview) else answer
        finally:
            await client.close()

    return asyncio.run(run())


def live(desk: KillDesk) -> int:
    return sum(one["status"] == "NEW" for one in desk.venue(lambda c: c.orders()))


@pytest.mark.parametrize(
    "fault", ["full", *(pytest.param(one, marks=pytest.mark.soak) for one in ("broken", "read-only"))]
)
def test_orders_are_refused_cancels_and_panic_go_through_and_a_word_mends_it(
    desk: KillDesk, fault: str
) -> None:
    with Tally("disk", fault) as tally:
        for _ in range(runs(1, 3)):
            desk.market(moves=True)
            before = desk.known()
            typed(
                desk,
                "@desk-1,desk-2,desk-3 buy 0.01btc/each BTC.p at bid-4%"
                " & @desk-1 buy 0.01btc BTC.p at bid-5%",
            )
            assert live(desk) == 4
            harm(desk, fault)
            for _ in range(
                2
            ):  # the first one finds it out, the second meets a journal that is known to be dead
                with pytest.raises(RequestRefused, match="journal cannot be written") as refused:
                    typed(desk, "@desk-2 buy 0.01btc BTC.p at bid-3%")
                assert WORDS[fault] in str(refused.value)
            assert live(desk) == 4, "nothing left"
            assert "cannot be written" in desk.query("status")["journal"]
            typed(desk, "@desk-1 cancel all")
            assert live(desk) == 2
            assert isinstance(typed(desk, "panic"), Done)
            desk.until(lambda: live(desk) == 0, "cancelled by panic")
            desk.until(lambda: not desk.query("orders"), "seen by the desk")
            assert desk.query("balances"), "the rest of the desk goes on"
            if fault == "full":  # the others end with the handle that is replaced
                with pytest.raises(RequestRefused, match="cannot be"):
                    typed(desk, "journal reopen")
            mend(desk, fault)
            assert "is written again" in typed(desk, "journal reopen").text
            assert desk.query("status")["journal"] == "ok"
            typed(desk, "@desk-2 buy 0.01btc BTC.p at bid-3%")
            desk.market(moves=False)
            mark = desk.mark()
            desk.kill()
            desk.start()
            found = desk.judge(before, mark)
            tally.add(
                orders=found.intents,
                lost=len(found.lost),
                doubled=len(found.doubled),
                false_terminal=len(found.false_terminal),
            )
            assert (found.lost, found.doubled, found.false_terminal) == ([], [], [])
            assert (found.not_before, found.sent_after) == ([], [])
            typed(desk, "@desk-2 cancel all")
