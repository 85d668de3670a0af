"""Where the parts of one desk keep their files, below its data directory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def journal_folder(data_dir: Path) -> Path:
    """The journal's own folder."""
    return data_dir / "journal"


def vault_file(data_dir: Path) -> Path:
    """The vault with the API keys."""
    return data_dir / "vault.hedge"


def budgets_file(data_dir: Path) -> Path:
    """What was spent of the venues' rate limits, and which bans run."""
    return data_dir / "budgets.json"


def engine_log(data_dir: Path) -> Path:
    """The engine's log, rotated."""
    return data_dir / "logs" / "engine.log"


def stuck_file(data_dir: Path) -> Path:
    """What the watchdog says while the engine's loop stands still."""
    return data_dir / "logs" / "stuck.json"


def panic_folder(data_dir: Path) -> Path:
    """Records of what `hedge panic` did without an engine."""
    return data_dir / "panic"


def paper_file(data_dir: Path, venue: str) -> Path:
    """Where the paper accounts of one venue live."""
    return data_dir / "paper" / f"{venue}.json"
