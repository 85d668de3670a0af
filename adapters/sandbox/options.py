"""What a sandbox venue is started with; filled by the CLI command and by test fixtures."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.sandbox.accounts import AccountSpec
    from hedge_tui.domain.candle import Timeframe
    from hedge_tui.domain.series import CandleSeries


class LimitMode(StrEnum):
    """Whether request weights and order counts are enforced, and told in headers."""

    REAL = "real"
    OFF = "off"
    """Told, not enforced."""
    SILENT = "silent"
    """Neither: for tests that start engines more often than a venue's minute allows."""


@dataclass(frozen=True, slots=True)
class SandboxOptions:
    """Everything that decides how a sandbox behaves.

    Attributes:
        directory: where the CA certificate is written; made if missing.
        accounts: the accounts served; empty means the demo's twelve.
        accounts_file: TOML or JSON that is read when `accounts` is empty; None for none.
        host: loopback address to listen on.
        port: TLS port of REST and streams; 0 lets the system choose.
        control_port: plain HTTP port of the control interface; 0 lets the system choose.
        seed: of prices, books and trades.
        spot_instruments, usdm_instruments: markets per venue.
        limits: REAL enforces the venue's weights, order counts and stream message rates, OFF only reports.
        replay: folder of recorded candles and raw frames to play instead of seeded prices.
        replay_speed: 1 is the recorded pace.
        candle_loader: reads recorded candle files, (file, instrument id, timeframe) -> candles; the program
            passes the store's. None: a replay of raw frames alone.
        steps_per_second: how often prices move.
    """

    directory: Path
    accounts: tuple[AccountSpec, ...] = ()
    accounts_file: Path | None = None
    host: str = "127.0.0.1"
    port: int = 0
    control_port: int = 0
    seed: int = 1
    spot_instruments: int = 150
    usdm_instruments: int = 150
    limits: LimitMode = LimitMode.REAL
    replay: Path | None = None
    replay_speed: float = 1.0
    candle_loader: Callable[[Path, str, Timeframe], CandleSeries] | None = None
    steps_per_second: float = 20.0
