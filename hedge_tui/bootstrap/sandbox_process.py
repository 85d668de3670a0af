"""The sandbox venue as a process of its own."""

from __future__ import annotations

import asyncio
import errno
import os
from typing import TYPE_CHECKING

from hedge_tui.config.paths import make_private_folder
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.series import CandleSeries


def run_sandbox(
    directory: Path,
    *,
    port: int = 0,
    control_port: int = 0,
    accounts_file: Path | None = None,
    seed: int = 1,
    instruments: int = 150,
    limits: str = "real",
    replay: Path | None = None,
    replay_speed: float = 1.0,
) -> None:
    """Serve until SIGINT or SIGTERM; `directory` gets the CA certificate.

    Raises:
        ConfigError: an option or the accounts file is wrong.
    """
    from adapters.sandbox.options import LimitMode, SandboxOptions
    from adapters.sandbox.serve import run

    if limits not in set(LimitMode):
        raise ConfigError(f"limits is {limits!r}; write one of {', '.join(LimitMode)}")
    if replay is not None and not replay.is_dir():
        raise ConfigError(f"{replay} is no folder of recorded market data")
    make_private_folder(directory)
    options = SandboxOptions(
        directory=directory,
        accounts_file=accounts_file,
        port=port,
        control_port=control_port,
        seed=seed,
        spot_instruments=instruments,
        usdm_instruments=instruments,
        limits=LimitMode(limits),
        replay=replay,
        replay_speed=replay_speed,
        candle_loader=_read_recorded if replay is not None else None,
    )
    try:
        asyncio.run(run(options))
    except OSError as error:
        if error.errno not in (errno.EADDRINUSE, errno.EACCES):
            raise
        raise ConfigError(
            f"port {port} or control port {control_port} of this machine cannot be used:"
            f" {os.strerror(error.errno).lower()}; 0 takes a free one"
        ) from None


def _read_recorded(path: Path, instrument: str, timeframe: Timeframe) -> CandleSeries:
    """Loads pyarrow only when a recording is played."""
    from store.recorded import read_recorded

    return read_recorded(path, instrument, timeframe)
