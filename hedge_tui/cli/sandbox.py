"""`hedge sandbox`: serves a practice venue on this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.desk import desk_of


def command(  # noqa: PLR0917 - typer makes options of them, none is positional
    ctx: typer.Context,
    port: Annotated[int, typer.Option("--port", help="TLS port; 0 takes a free one.")] = 0,
    control_port: Annotated[int, typer.Option("--control-port", help="Of the control interface.")] = 0,
    accounts: Annotated[Path | None, typer.Option("--accounts", help="File with accounts and keys.")] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of prices, books and trades.")] = 1,
    instruments: Annotated[int, typer.Option("--instruments", help="Per venue.")] = 150,
    limits: Annotated[
        str,
        typer.Option(
            "--limits", help="real enforces the venue's limits, off only tells them, silent does neither."
        ),
    ] = "real",
    replay: Annotated[Path | None, typer.Option("--replay", help="Folder of recorded market data.")] = None,
    speed: Annotated[float, typer.Option("--speed", help="Of the replay; 1 is the recorded pace.")] = 1.0,
) -> int:
    """Serve Binance spot and USD-M futures on loopback, with simulated money, until Ctrl+C.

    Prints one JSON line with the port, the control port and the CA file when it is ready.
    """
    from hedge_tui.bootstrap.sandbox_process import run_sandbox

    directory = desk_of(ctx).paths.data_dir
    run_sandbox(
        directory,
        port=port,
        control_port=control_port,
        accounts_file=accounts,
        seed=seed,
        instruments=instruments,
        limits=limits,
        replay=replay,
        replay_speed=speed,
    )
    return exits.DONE
