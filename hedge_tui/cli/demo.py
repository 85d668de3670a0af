"""`hedge demo`: a desk of twelve sandbox accounts; without a terminal a short run for a machine to check."""

from __future__ import annotations

import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import Desk, desk_of


def command(
    ctx: typer.Context,
    stop: Annotated[bool, typer.Option("--stop", help="End the demo's engine and venue.")] = False,
    headless: Annotated[
        bool, typer.Option("--headless", help="Run 15 s without a screen, print a summary, end.")
    ] = False,
) -> int:
    """Open a desk of twelve accounts on a practice venue of this machine; simulated money, no keys needed.

    Closing the terminal leaves the desk running; `hedge demo` opens it again, `hedge demo --stop` ends it.
    Without a terminal it runs a short desk of its own, prints what it did and ends.
    """
    from hedge_tui.bootstrap.demo import start_demo, stop_demo

    desk = desk_of(ctx)
    data_dir = demo_folder(desk)
    if stop:
        sys.stdout.write("the demo has ended\n" if stop_demo(data_dir) else "no demo runs\n")
        return exits.DONE
    if headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _headless(data_dir if desk.data_dir_given else None)
    demo = start_demo(data_dir, _say)
    if not demo.fresh:
        _say("the demo that runs is opened again")
    from hedge_tui.cli.console import open_console

    code = open_console(Desk(data_dir / "config.toml", data_dir), tour=demo.fresh)
    _say("the demo goes on without the screen: `hedge demo` opens it again, `hedge demo --stop` ends it")
    return code


def demo_folder(desk: Desk) -> Path:
    """A directory beside the real desk's, so that the two never meet; the one named, where one is."""
    chosen = desk.paths.data_dir
    return chosen if desk.data_dir_given else chosen.with_name(chosen.name + "-demo")


def _headless(data_dir: Path | None) -> int:
    """Run in `data_dir`, or in a folder that is made for it and removed; one that ran before goes on."""
    from hedge_tui.bootstrap.demo import start_demo, stop_demo
    from hedge_tui.cli.demo_run import run_for_a_while

    made = None if data_dir else Path(tempfile.mkdtemp(prefix="hedge-demo-"))
    folder = data_dir or (made or Path()) / "desk"
    ours = True
    try:
        demo = start_demo(folder, _say)
        ours = demo.fresh
        for line in run_for_a_while(demo.socket):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    finally:
        if ours:
            stop_demo(folder)
        if made is not None:
            shutil.rmtree(made, ignore_errors=True)
    return exits.DONE


def _say(words: str) -> None:
    sys.stderr.write(f"{words} …\n" if words.startswith(("starting", "making")) else words + "\n")
    sys.stderr.flush()
