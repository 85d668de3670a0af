"""The history's process: `python -m store.worker --data-dir DIR`, started and spoken to by `store.client`.

DuckDB locks its file to one process and its work must never stall the engine's loop, so it lives here.
Requests come on standard input, answers go to standard output. Writes and housekeeping run in one thread,
reads in another; the end of standard input ends the process, so that it never outlives its engine.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, BinaryIO

import msgspec

from store.frames import LENGTH_BYTES, MAX_FRAME, Reply, Request, encode_frame
from store.history.calls import READS, WRITES, failure_of

if TYPE_CHECKING:
    from store.history.history_store import HistoryStore

_QUIET_S = 0.2
_TIDY_EVERY = 200
"""Under constant writing one step of housekeeping is taken after this many writes."""


def read_requests(source: BinaryIO) -> Any:
    """The requests on a stream until it ends or makes no sense."""
    decoder = msgspec.msgpack.Decoder(Request)
    while len(head := source.read(LENGTH_BYTES)) == LENGTH_BYTES:
        size = int.from_bytes(head, "big")
        if size > MAX_FRAME:
            return
        body = source.read(size)
        if len(body) < size:
            return
        yield decoder.decode(body)


class Worker:
    """Serves one history over two streams."""

    def __init__(self, history: HistoryStore, sink: BinaryIO) -> None:
        self._history = history
        self._sink = sink
        self._sink_lock = threading.Lock()
        self._told = 0
        self._reads: SimpleQueue[Request | None] = SimpleQueue()
        self._writes: SimpleQueue[Request | None] = SimpleQueue()

    def serve(self, source: BinaryIO) -> None:
        """Greet, then answer until the stream ends and everything asked is answered."""
        self._tell_notices(greeting=True)
        threads = [
            threading.Thread(target=self._read_all, name="history-reads"),
            threading.Thread(target=self._write_all, name="history-writes"),
        ]
        for thread in threads:
            thread.start()
        for request in read_requests(source):
            (self._reads if request.method in READS else self._writes).put(request)
        self._reads.put(None)
        self._writes.put(None)
        for thread in threads:
            thread.join()

    def _read_all(self) -> None:
        while (request := self._reads.get()) is not None:
            self._answer(request)

    def _write_all(self) -> None:
        done, busy = 0, True
        while True:
            try:
                request = self._writes.get(timeout=_QUIET_S) if not busy else self._writes.get_nowait()
            except Empty:
                busy = self._history.tidy()
                self._tell_notices()
                continue
            if request is None:
                return
            self._answer(request)
            done += 1
            if done % _TIDY_EVERY == 0:
                self._history.tidy()
                self._tell_notices()

    def _tell_notices(self, *, greeting: bool = False) -> None:
        fresh = self._history.notices[self._told :]
        if fresh or greeting:
            self._told += len(fresh)
            self._send(Reply(0, "", fresh))

    def _answer(self, request: Request) -> None:
        call = READS.get(request.method) or WRITES.get(request.method)
        fatal = False
        if call is None:
            reply = Reply(request.id, "caller", f"no such call: {request.method}")
        else:
            try:
                reply = Reply(request.id, "", call(self._history, *request.args))
            except Exception as error:  # noqa: BLE001 - whatever it is, the engine must hear of it and go on
                failure, message, fatal = failure_of(error)
                reply = Reply(request.id, failure, message)
        self._send(reply)
        if fatal:
            # DuckDB refuses everything after this; a fresh process repairs it when it opens.
            os._exit(3)

    def _send(self, reply: Reply) -> None:
        frame = encode_frame(reply)
        with self._sink_lock:
            try:
                self._sink.write(frame)
                self._sink.flush()
            except (BrokenPipeError, ValueError):
                return  # the engine is gone; standard input ends next


def main() -> int:
    """Run the process; returns its exit code."""
    parser = argparse.ArgumentParser(prog="store.worker", description="The history's own process.")
    parser.add_argument("--data-dir", type=Path, required=True)
    root: Path = parser.parse_args().data_dir / "history"
    os.umask(0o077)
    # Arrow's own pools keep some 30 MB that the system's gives back.
    os.environ.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")
    # Ctrl-C goes to the whole foreground group; the engine decides when this process ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Whatever a library prints must not land between two frames.
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    from hedge_tui.domain.errors import StoreError
    from store.history.history_store import HistoryStore

    try:
        history = HistoryStore(root)
    except StoreError as error:
        sink.write(encode_frame(Reply(0, "store", str(error))))
        sink.flush()
        return 1
    worker = Worker(history, sink)
    worker.serve(sys.stdin.buffer)
    history.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
