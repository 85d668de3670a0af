"""The entry point of `hedge`: finds the command, runs it, turns errors into lines and exit codes.

Start-up is part of the product: `hedge --version` and `hedge --help` import nothing but this and the table.
"""

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING

import hedge_tui
from hedge_tui.cli import commands, exits
from hedge_tui.cli.desk import take_desk
from hedge_tui.domain.errors import CommandError, HedgeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.cli.desk import Desk


OF_THE_CONSOLE = ("--layout", "--screen")
"""Options that mean the console where no command is named."""


def main() -> None:
    """Run `hedge` with the arguments of this process, and exit."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            # A terminal without Unicode shows a code instead of a letter; it does not end the command.
            stream.reconfigure(errors="backslashreplace")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command line and give its exit code; errors are printed to standard error.

    Args:
        arguments: without the program's name.
    """
    try:
        code = _dispatch(arguments)
        sys.stdout.flush()
    except HedgeError as error:
        return _say(exits.error_lines(error), exits.exit_code(error))
    except KeyboardInterrupt:
        return exits.INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) went away; nothing more can be printed, nor flushed at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAILED
    except OSError as error:
        # A full disk, a missing right: the system's own words say it best.
        where = f": {error.filename}" if error.filename else ""
        return _say([f"hedge: {error.strerror or type(error).__name__}{where}"], exits.FAILED)
    except Exception as error:  # noqa: BLE001 - the last stop: anything else is a bug, told without secrets
        from hedge_tui.cli.crash import crash_report

        return _say(crash_report(error).splitlines(), exits.FAILED)
    return code


def _say(lines: list[str], code: int) -> int:
    sys.stderr.write("\n".join(lines) + "\n")
    return code


def _dispatch(arguments: Sequence[str]) -> int:
    desk, words = take_desk(arguments)
    match words:
        case ["--version" | "-V"]:
            sys.stdout.write(f"hedge {hedge_tui.__version__}\n")
            return exits.DONE
        case ["--help" | "-h" | "help"]:
            sys.stdout.write(overview())
            return exits.DONE
        case ["help", *rest]:
            words = [*rest, "--help"]
        case []:
            words = [commands.DEFAULT]
        case [first, *_] if first.startswith(OF_THE_CONSOLE):
            words = [commands.DEFAULT, *words]
    return _run_command(words[0], words[1:], desk)


def _run_command(name: str, words: list[str], desk: Desk) -> int:
    found = commands.find(name)
    if found is None:
        raise _unknown(name)
    from importlib import import_module

    import typer
    from typer.main import get_command

    from hedge_tui.cli.group import single_command

    target = getattr(import_module(found.module), found.attribute)
    program = get_command(target if isinstance(target, typer.Typer) else single_command(target))
    title = f"hedge {name}"
    try:
        code = program.main(words, prog_name=title, standalone_mode=False, obj=desk)
    except typer.Abort:
        return _say(["hedge: stopped; nothing more was done"], exits.FAILED)
    except typer.TyperException as error:
        context = getattr(error, "ctx", None)
        path = context.command_path if context else title
        return _say([f"{path}: {error.format_message()}", f"Try: {path} --help"], error.exit_code)
    return code if isinstance(code, int) else exits.DONE


def _unknown(name: str) -> CommandError:
    from hedge_tui.config.place import nearest

    names = [one.name for row in commands.available().values() for one in row]
    kind = "option" if name.startswith("-") else "command"
    return CommandError(f'unknown {kind} "{name}"; {nearest(name, names)}', hint="hedge --help")


def overview() -> str:
    """What `hedge --help` prints."""
    lines = ["Usage: hedge [--config FILE] [--data-dir DIR] COMMAND ...", "", hedge_tui.__doc__ or ""]
    for title, row in commands.available().items():
        lines += ["", f"{title}:"]
        lines += [f"  {one.name:<11} {one.help}" for one in row]
    lines += [
        "",
        "hedge COMMAND --help says more; hedge --version names the version.",
        "Exit codes: 0 done, 1 failed, 2 usage, 3 no engine, 4 denied by risk, 5 unknown outcome.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
