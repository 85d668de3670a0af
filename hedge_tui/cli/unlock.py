"""`hedge unlock`: opens the engine's vault."""

from __future__ import annotations

import sys

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.passphrase import read_passphrase


def command(ctx: typer.Context) -> int:
    """Open the vault of the running engine, so that its accounts connect.

    The passphrase is asked for; without a terminal it is read from standard input.
    """
    passphrase = read_passphrase("passphrase of the vault: ")
    done = with_engine(desk_of(ctx), lambda client: client.unlock(passphrase))
    sys.stdout.write(done.text + "\n")
    return exits.DONE
