"""A desk for commands: the real engine on a real socket over paper venues, in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from paper_desk import PaperDesk, paper_desk

from hedge_tui.cli import main

if TYPE_CHECKING:
    from collections.abc import Iterator


@dataclass
class CommandDesk:
    """Runs commands on a paper desk.

    Attributes:
        engine: the desk inside, for looking; it runs in another thread.
    """

    data_dir: Path
    engine: PaperDesk
    loop: asyncio.AbstractEventLoop
    capture: pytest.CaptureFixture[str]

    def run(self, *words: str) -> int:
        """Exit code of `hedge WORDS` on this desk."""
        return main.run([*words, "--data-dir", str(self.data_dir)])

    def out(self, *words: str, code: int = 0) -> str:
        """What it prints to standard output."""
        self.capture.readouterr()
        found = self.run(*words)
        printed = self.capture.readouterr()
        assert found == code, f"{words}: {found}\n{printed.out}\n{printed.err}"
        return printed.out

    def error(self, *words: str, code: int) -> str:
        """What it prints to standard error; nothing may stand on standard output."""
        self.capture.readouterr()
        found = self.run(*words)
        printed = self.capture.readouterr()
        assert found == code, f"{words}: {found}\n{printed.out}\n{printed.err}"
        assert printed.out == ""
        return printed.err

    def json(self, *words: str, code: int = 0) -> Any:
        """The one document that it prints."""
        text = self.out(*words, "--json", code=code)
        assert text.count("\n") == 1, "one document, nothing else"
        return json.loads(text)


@pytest.fixture(scope="module")
def _paper(tmp_path_factory: pytest.TempPathFactory, _runtime_dir: Path) -> Iterator[tuple[Any, ...]]:
    data_dir = tmp_path_factory.mktemp("desk")
    loop = asyncio.new_event_loop()
    ready, stop = threading.Event(), asyncio.Event()
    found: list[PaperDesk] = []
    failed: list[Exception] = []

    async def live() -> None:
        async with paper_desk(data_dir) as desk:
            found.append(desk)
            ready.set()
            await stop.wait()

    def work() -> None:
        try:
            loop.run_until_complete(live())
        except Exception as error:  # noqa: BLE001 - told in the test's own thread
            failed.append(error)
            ready.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEDGE_RUNTIME_DIR", str(_runtime_dir))
        thread = threading.Thread(target=work)
        thread.start()
        ready.wait(20)
    assert not failed, failed
    yield data_dir, found[0], loop
    loop.call_soon_threadsafe(stop.set)
    thread.join(10)
    loop.close()


@pytest.fixture
def desk(_paper: tuple[Any, ...], hidden_user: Path, capsys: pytest.CaptureFixture[str]) -> CommandDesk:
    data_dir, engine, loop = _paper
    return CommandDesk(data_dir, engine, loop, capsys)
