"""How every command of ours is set up with typer, and the options that several share.

    from hedge_tui.cli.group import Json, command_group
    app = command_group("API keys in the vault of this machine.")

    @app.command("list")
    def list_keys(ctx: typer.Context, json: Json = False) -> int | None: ...

A command returns its exit code, or None for 0; it raises HedgeError for what it cannot do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]

EVERYWHERE = "Everywhere: --config FILE, --data-dir DIR."


def command_group(about: str) -> typer.Typer:
    """An empty group of subcommands; always a group, also with one subcommand."""
    group = _plain(about)
    # A callback, even an empty one, keeps typer from folding a single subcommand into its group.
    group.callback()(lambda: None)
    return group


def single_command(function: Callable[..., Any]) -> typer.Typer:
    """The program that is one function, its docstring the help."""
    program = _plain(None)
    program.command(epilog=EVERYWHERE)(function)
    return program


def _plain(about: str | None) -> typer.Typer:
    """Without rich (start-up time), without typer's own crash screen (it shows local variables)."""
    return typer.Typer(
        help=about,
        epilog=EVERYWHERE,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        pretty_exceptions_show_locals=False,
    )
