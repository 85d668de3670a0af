"""`hedge`: attaches to the engine, or starts one, and opens the screen."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli.crash import crash_report
from hedge_tui.cli.desk import desk_of
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.cli.desk import Desk


def command(
    ctx: typer.Context,
    layout: Annotated[str, typer.Option("--layout", help="Name of this console's layout.")] = "",
    screen: Annotated[str, typer.Option("--screen", help="Screen to begin with, such as markets.")] = "",
) -> int:
    """Open the console on this desk's engine; starts the engine when none runs.

    Several consoles may be open at once, one a monitor: each has its own layout and screen, all follow the
    same engine, and the one that holds the trading lock trades.
    """
    if layout:
        from hedge_tui.command.words import NAME

        if NAME.fullmatch(layout) is None:
            raise CommandError(f"{layout!r} is not a name for a layout", hint="letters, digits, . and -")
    if screen:
        from hedge_tui.ui.app import SCREENS

        names = [name for name, _ in SCREENS]
        if screen.lower() not in names:
            raise CommandError(f"there is no screen {screen!r}", hint=f"one of: {', '.join(names)}")
    return open_console(desk_of(ctx), layout=layout.lower(), screen=screen.lower())


def open_console(desk: Desk, *, tour: bool = False, layout: str = "", screen: str = "") -> int:
    """Run the console until it is left; the engine goes on.

    Args:
        desk: whose engine.
        tour: begin with the tour.
        layout: name of the console's layout, "" for the plain one.
        screen: to begin with, "" for Trade.

    Raises:
        CommandError: there is no terminal.
        EngineNotStarted: there was no engine, and none could be started.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise CommandError("the console needs a terminal", hint="hedge positions, hedge do, hedge --help")
    from hedge_tui.bootstrap.launch import answers, start_engine
    from hedge_tui.cli.passphrase import passphrase_for_engine

    if not answers(desk.socket):
        if not desk.settings.accounts:
            sys.stderr.write(
                "this desk has no account yet: `hedge demo` shows one, `hedge accounts add` adds one\n"
            )
        passphrase = passphrase_for_engine(desk)
        sys.stderr.write("starting the engine …\n")
        start_engine(desk.paths, desk.socket, passphrase)
    from hedge_tui.bootstrap.console_process import run_console

    return run_console(
        desk.paths, desk.settings, desk.socket, crash_report, tour=tour, layout=layout, screen=screen
    )
