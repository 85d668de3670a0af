"""Memory of each process of a desk with twelve accounts and 300 instruments, while it trades.

HEDGE_MEMORY_S says for how long (default 60 s; `make soak` takes 600). Printed, not asserted: the bars
are 250 MiB for the engine and 100 MiB for the console, flat over ten minutes.
"""

from __future__ import annotations

import contextlib
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from ratio import print_ratio

from hedge_tui.bootstrap.demo import start_demo, stop_demo

SECONDS = float(os.environ.get("HEDGE_MEMORY_S", "60"))
WARM_UP_S = 15.0
BARS = {"engine": 250, "console": 100}
WORDS = {
    "engine run": "engine",
    "store.worker": "history",
    "via_ccxt.worker": "feed",
    " console": "console",
    " sandbox": "sandbox",
}


def rss_mib(data_dir: Path) -> dict[str, float]:
    """Resident memory of this desk's processes by role; feeds of several venues are told apart."""
    listing = subprocess.run(
        ["ps", "-eo", "pid=,ppid=,rss=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(None, 3) for line in listing.stdout.splitlines()]
    ours = {pid for pid, _, _, args in rows if str(data_dir) in args}
    found: dict[str, float] = {}
    for pid, parent, rss, args in rows:
        role = next((role for words, role in WORDS.items() if words in args and "python" in args), None)
        if role is not None and (pid in ours or parent in ours):
            name = f"feed {sum(known.startswith('feed') for known in found) + 1}" if role == "feed" else role
            found[name] = max(found.get(name, 0.0), int(rss) / 1024)
    return found


def open_console(data_dir: Path) -> tuple[subprocess.Popen[bytes], int]:
    """The real console in a terminal of 200x50 that is read all the time."""
    outer, inner = pty.openpty()
    import fcntl
    import struct
    import termios

    fcntl.ioctl(inner, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "hedge_tui", "console", "--data-dir", str(data_dir)],
        stdin=inner,
        stdout=inner,
        stderr=inner,
        start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor"},
    )
    os.close(inner)

    def drain() -> None:
        with contextlib.suppress(OSError):
            while os.read(outer, 65536):
                pass

    threading.Thread(target=drain, daemon=True).start()
    return process, outer


def trade(data_dir: Path) -> None:
    line = "@desk-1,desk-2,desk-9 buy 200usd/each BTC at ask"
    for words in (
        ["do", "@desk-1,desk-2,desk-3 buy 500usd/each BTC.p at ask", "--yes"],
        ["do", line.replace("@desk-1,desk-2,desk-9", "@desk-9,desk-10"), "--yes"],
        ["do", "@desk-1,desk-2,desk-3 close BTC.p", "--yes"],
    ):
        subprocess.run(
            [sys.executable, "-m", "hedge_tui", *words, "--data-dir", str(data_dir)],
            capture_output=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        data_dir = Path(folder) / "desk"
        start_demo(data_dir)
        console, _outer = open_console(data_dir)
        try:
            time.sleep(WARM_UP_S)
            samples: list[dict[str, float]] = []
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
                trade(data_dir)
                samples.append(rss_mib(data_dir))
                time.sleep(min(5.0, SECONDS / 10))
        finally:
            console.terminate()
            stop_demo(data_dir)
    print(f"{'process':<14}{'first MiB':>11}{'last MiB':>11}{'most MiB':>11}{'bar':>7}  over {SECONDS:.0f} s")
    for name in sorted({name for sample in samples for name in sample}):
        own = [sample[name] for sample in samples if name in sample]
        third = max(len(own) // 3, 1)
        first, last = statistics.median(own[:third]), statistics.median(own[-third:])
        bar = BARS.get(name.split()[0], "")
        print(f"{name:<14}{first:>11.1f}{last:>11.1f}{max(own):>11.1f}{bar:>7}")
        if bar:
            print_ratio(
                f"memory of the {name}",
                ours=max(own),
                peer=float(bar),
                unit="MiB",
                peer_name="the bar",
                bar="at most 1",
            )


if __name__ == "__main__":
    main()
