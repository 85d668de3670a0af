"""`kill -9` of the engine at every step of a bulk of 20 rows over 3 accounts; real ccxt, TLS and processes.

After each: start again, reconcile, and compare with the venue's ledger. Nothing is lost, nothing is there
twice, whatever reached the venue was on disk before, and the new engine sends nothing by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from faults.kill_desk import ACCOUNTS, LINE, KillDesk, kill_desk
from faults.tally import Tally, runs

from hedge_tui.bootstrap.launch import answers

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(3600)]
REQUESTS = 6
"""The twenty orders leave in so many requests: at most five in one, for each account."""
ROWS = 20


def _sent(desk: KillDesk, run: int) -> None:
    """All requests have left, the venue has acted on none of them; it may do so after the engine's death."""
    desk.venue(
        lambda c: c.fault(
            "delay", method="POST", path="rder", seconds=1 + run % 4, accepted=False, count=None
        )
    )
    mark = desk.mark()
    desk.die_when(lambda: _posts(desk, mark) >= REQUESTS, "sent", LINE)


def _accepted(desk: KillDesk, run: int) -> None:
    """The venue has all orders, its answers are held back; in every other run its streams are silent, too."""
    before = len(desk.venue(lambda c: c.orders()))
    desk.venue(lambda c: c.fault("delay", method="POST", path="rder", seconds=20, accepted=True, count=None))
    if run % 2:
        desk.venue(lambda c: c.strike("ws_silence", seconds=20))
    desk.die_when(lambda: len(desk.venue(lambda c: c.orders())) >= before + ROWS, "accepted", LINE)


def _at(step: str, passes: int) -> Callable[[KillDesk, int], None]:
    """Die at a step inside the engine, in each run at another of its passes."""

    def die(desk: KillDesk, run: int) -> None:
        desk.die_at(step, 1 + run % passes, LINE)

    return die


STEPS: dict[str, Callable[[KillDesk, int], None]] = {
    "previewed": _at("previewed", 1),
    "confirmed": _at("confirmed", 1),
    "intents written": _at("intents-written", 1),
    "synced": _at("synced", 1),
    "signed": _at("signed", REQUESTS),
    "partly sent": _at("partly-sent", REQUESTS - 1),
    "sent": _sent,
    "accepted": _accepted,
    "answered": _at("answered", REQUESTS),
    "answer journalled": _at("answer-journalled", 2),
    "fill seen": _at("fill-seen", 1),
    "history written": _at("history-written", 1),
}
QUICK = ("synced", "accepted")
"""Run by `make test`; every step by `make faults`."""


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: object) -> Iterator[KillDesk]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDGE_RUNTIME_DIR", str(_runtime_dir))
        with kill_desk(tmp_path_factory.mktemp("kill"), patch) as found:
            yield found


@pytest.mark.parametrize(
    "step", [step if step in QUICK else pytest.param(step, marks=pytest.mark.soak) for step in STEPS]
)
def test_the_engine_is_killed(desk: KillDesk, step: str) -> None:
    desk.disarm()
    if not answers(desk.socket):  # after a step that did not hold
        desk.start()
    with Tally("kill -9", step) as tally:
        for run in range(runs(1, 10)):
            before = desk.known()
            desk.market(moves=True)
            STEPS[step](desk, run)
            desk.market(moves=False)
            mark = desk.mark()
            desk.start()
            desk.venue(lambda c: c.disarm())
            found = desk.judge(before, mark)
            tally.add(
                orders=found.intents,
                lost=len(found.lost),
                doubled=len(found.doubled),
                false_terminal=len(found.false_terminal),
            )
            assert (found.lost, found.doubled, found.false_terminal) == ([], [], []), run
            assert (found.not_before, found.sent_after) == ([], []), run
            assert found.intents == (0 if step in ("previewed", "confirmed", "intents written") else ROWS)
            _tidy(desk)


def _posts(desk: KillDesk, mark: int) -> int:
    rows = desk.venue(lambda c: c.ledger("request", since=mark))
    return sum(row["method"] == "POST" and "rder" in row["path"] for row in rows)


def _tidy(desk: KillDesk) -> None:
    """A desk without orders and positions for the next run."""
    if not _flat(desk):
        desk.market(moves=True)
        desk.send(f"@{','.join(ACCOUNTS)} flatten all")
        desk.until(lambda: _flat(desk), "flat")


def _flat(desk: KillDesk) -> bool:
    return not desk.query("orders") and not desk.query("positions")
