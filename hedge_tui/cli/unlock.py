"""`hedge unlock`: opens the engine's vault."""

from __future__ import annotations

import sys

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import ask, with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.passphrase import read_passphrase
from hedge_tui.domain.errors import ConfigError


def command(ctx: typer.Context) -> int:
    """Open the vault of the running engine, so that its accounts connect.

    The passphrase is asked for, without a terminal read from standard input, or comes from [vault] command.
    """
    from hedge_tui.bootstrap.places import vault_file
    from hedge_tui.credentials.process import harden

    harden()
    desk = desk_of(ctx)
    ask(desk, "status")  # no passphrase is typed for an engine that is not there
    if not vault_file(desk.paths.data_dir).exists():
        raise ConfigError("there is no vault yet; hedge keys add NAME makes it")
    settings = desk.settings.vault
    if settings.unlock == "command":
        from hedge_tui.credentials.passphrase_command import passphrase_from_command

        passphrase = passphrase_from_command(settings.command).reveal()
    else:
        passphrase = read_passphrase("passphrase of the vault: ")
    done = with_engine(desk, lambda client: client.unlock(passphrase))
    sys.stdout.write(done.text + "\n")
    return exits.DONE
