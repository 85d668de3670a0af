"""The desk's configuration: frozen settings from strict TOML, and where files lie.

Read once at start by `hedge_tui.bootstrap`, the CLI and the console. An unknown key names file, line and the
nearest known key; a wrong type names what was written and what to write.
"""

from hedge_tui.config.accounts import AccountSettings
from hedge_tui.config.egress import EgressSettings
from hedge_tui.config.file import load, parse, zone
from hedge_tui.config.paths import Paths, locate, make_private_folder, write_private_file
from hedge_tui.config.risk import HardCaps, RiskCaps, RiskOverrides, RiskSettings
from hedge_tui.config.settings import (
    ConsoleSettings,
    DeskSettings,
    EngineSettings,
    HistorySettings,
    Settings,
    VaultSettings,
    VenueSettings,
)

__all__ = [
    "AccountSettings",
    "ConsoleSettings",
    "DeskSettings",
    "EgressSettings",
    "EngineSettings",
    "HardCaps",
    "HistorySettings",
    "Paths",
    "RiskCaps",
    "RiskOverrides",
    "RiskSettings",
    "Settings",
    "VaultSettings",
    "VenueSettings",
    "load",
    "locate",
    "make_private_folder",
    "parse",
    "write_private_file",
    "zone",
]
