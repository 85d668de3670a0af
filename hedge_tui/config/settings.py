"""What can be configured, with every default: the schema that `config.example.toml` shows to the trader.

Frozen once read. Bounds stand in the annotation, the meaning below it. Money is in the reporting
currency unless said otherwise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Annotated

from hedge_tui.config.accounts import AccountSettings
from hedge_tui.config.bounds import Bounds
from hedge_tui.config.egress import EgressSettings
from hedge_tui.config.risk import RiskSettings

THEMES = ("dark", "light")
PANES = ("watchlist", "chart", "book", "trades", "positions", "orders")
PRESETS = ("250usd", "500usd", "1kusd", "2kusd", "5kusd")
LOG_LEVELS = ("debug", "info", "warning", "error")
UNLOCKING = ("passphrase", "keyring", "command", "credential")


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """`[desk]`: what holds for all accounts together."""

    reporting_currency: str = "USDT"
    """The asset in which totals, PnL and caps are counted."""
    timezone: str = "UTC"
    """IANA name, for times on screen and for the start of the day."""
    day_start: str = "00:00"
    """HH:MM in `timezone`: when today's PnL and the day's cap start anew."""


@dataclass(frozen=True, slots=True)
class VenueSettings:
    """`[venues.NAME]`: which instruments of a venue are followed."""

    symbols: tuple[str, ...] = ("*",)
    """Globs of unified symbols, such as "BTC/*"; an instrument is followed if one of them fits."""
    quotes: tuple[str, ...] = ()
    """Quote assets that are followed, such as "USDT"; empty means all."""
    max_instruments: Annotated[int, Bounds(least=1, most=5000)] = 300
    """The most instruments followed, by 24 h turnover; more cost memory and bandwidth."""
    rate_share: Annotated[Decimal, Bounds(least=Decimal("0.05"), most=Decimal("0.8"))] = Decimal("0.8")
    """Share of the venue's request limits that is planned with; less where other programs use them too."""
    survey_per_min: Annotated[int, Bounds(least=0, most=600)] = 120
    """Requests a minute for what its streams do not say: volumes, open interest, the last hour; 0: none."""


@dataclass(frozen=True, slots=True)
class ConsoleSettings:
    """`[console]`: how the screen looks."""

    theme: Annotated[str, Bounds(choices=THEMES)] = "dark"
    """dark or light."""
    fps: Annotated[int, Bounds(least=1, most=60)] = 30
    """Most paints of live tables and charts, a second."""
    ascii: bool = False
    """Draw with plain ASCII only, for terminals without Unicode."""
    watchlist: tuple[str, ...] = ()
    """Instruments such as "binanceusdm:BTC/USDT:USDT"; empty means the venues' most traded."""
    panes: Annotated[tuple[str, ...], Bounds(choices=PANES)] = PANES
    """Panes of the Trade screen that are shown."""
    away_min: Annotated[int, Bounds(least=0)] = 15
    """Minutes without any console after which the next one says what happened meanwhile; 0 for never."""
    autolock_min: Annotated[int, Bounds(least=0, most=1440)] = 0
    """Minutes without a key after which the screen locks until the passphrase is typed; 0 for never."""
    presets: tuple[str, ...] = PRESETS
    """Sizes of the keys 1 to 5, as typed in a line: "500usd", "0.1btc", "10%free"."""


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """`[engine]`: the process that keeps the desk running."""

    runtime_dir: str = ""
    """Folder of the engine's socket; "" means HEDGE_RUNTIME_DIR or /tmp/hedge-UID."""
    log_level: Annotated[str, Bounds(choices=LOG_LEVELS)] = "info"
    """Least severe lines that are logged."""
    log_megabytes: Annotated[int, Bounds(least=1, most=1000)] = 10
    """Size at which a log file is rotated; five are kept. MB."""
    idle_exit_min: Annotated[int, Bounds(least=0)] = 0
    """Minutes without any client and any live order after which the engine ends; 0 means it stays."""
    frame_rate: Annotated[int, Bounds(least=1, most=30)] = 30
    """Most frames sent to one console, a second."""


@dataclass(frozen=True, slots=True)
class ReconcileSettings:
    """`[reconcile]`: how often the books are compared with the venues, beside what their streams tell."""

    look_s: Annotated[int, Bounds(least=0, most=600)] = 8
    """Seconds between two looks at the resting orders of an account, as far as the weight goes; 0: none."""
    look_weight: Annotated[int, Bounds(least=10, most=6000)] = 400
    """Request weight a minute that these looks may take at one venue, for all accounts together."""
    money_s: Annotated[int, Bounds(least=5, most=3600)] = 60
    """Seconds between two comparisons of an account's balances and positions."""
    whole_s: Annotated[int, Bounds(least=30, most=86400)] = 300
    """Seconds between two comparisons of everything: open orders, fills, balances and positions."""
    instruments_min: Annotated[int, Bounds(least=0, most=1440)] = 15
    """Minutes after which a venue's instruments are read anew (tick, lot, delisting); 0: never."""


@dataclass(frozen=True, slots=True)
class HistorySettings:
    """`[history]`: candles that are recorded."""

    record: bool = True
    """Record the candles of what is watched."""
    backfill_days: Annotated[int, Bounds(least=0, most=3650)] = 7
    """How far back 1m candles are asked from the venue when an instrument is first watched, days."""


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """`[vault]`: how API keys are reached."""

    unlock: Annotated[str, Bounds(choices=UNLOCKING)] = "passphrase"
    """passphrase (asked for), keyring (an entry of the desktop's keyring), command (prints it) or credential
    (of systemd, for unattended starts)."""
    command: tuple[str, ...] = ()
    """Program and arguments that print the passphrase, such as ["pass", "show", "hedge"]; no shell."""
    credential: str = "hedge-vault"
    """Name of the systemd credential that holds the passphrase, as `hedge engine unit` has it."""


@dataclass(frozen=True, slots=True)
class Settings:
    """The whole configuration; without arguments, all defaults and no accounts."""

    desk: DeskSettings = DeskSettings()
    accounts: tuple[AccountSettings, ...] = ()
    egress: tuple[EgressSettings, ...] = ()
    venues: Mapping[str, VenueSettings] = field(default_factory=dict)
    risk: RiskSettings = field(default_factory=RiskSettings)
    console: ConsoleSettings = ConsoleSettings()
    engine: EngineSettings = EngineSettings()
    reconcile: ReconcileSettings = ReconcileSettings()
    history: HistorySettings = HistorySettings()
    vault: VaultSettings = VaultSettings()
    keys: Mapping[str, str] = field(default_factory=dict)
    """Binding id -> key or comma list of keys, such as "orders.cancel" -> "x"."""

    def venue(self, name: str) -> VenueSettings:
        """The settings of a venue; the defaults where the file has none."""
        return self.venues.get(name, VenueSettings())

    def account(self, name: str) -> AccountSettings | None:
        """The account called `name`, or None."""
        return next((one for one in self.accounts if one.name == name), None)

    def with_accounts(self, accounts: tuple[AccountSettings, ...]) -> Settings:
        """The same settings for other accounts; used by the demo and by tests."""
        return replace(self, accounts=accounts)
