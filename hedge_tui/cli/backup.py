"""`hedge backup DIR`: copies journal, configuration and vault."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json
from hedge_tui.domain.errors import ConfigError


def command(
    ctx: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A new folder; it is made readable by you alone.")],
    json: Json = False,
) -> int:
    """Copy journal, configuration and vault to a new folder, also while the engine runs.

    The vault in it opens with the same passphrase. Recorded candles are not copied: they are public, and
    fetched again.
    """
    from hedge_tui.bootstrap.backup import make_backup

    desk = desk_of(ctx)
    target = folder.expanduser().absolute()
    if not desk.paths.data_dir.exists():
        raise ConfigError(f"{desk.paths.data_dir} does not exist; there is nothing to copy")
    made = make_backup(desk.paths, target)
    if json:
        print_json({"folder": target, "last_act": made.acts, "files": made.files})
        return exits.DONE
    acts = "no journal yet" if made.acts is None else f"the journal up to act {made.acts:,}"
    sys.stdout.write(f"{target}: {acts}; {', '.join(made.files) or 'nothing else'}\n")
    return exits.DONE
