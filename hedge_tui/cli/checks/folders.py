"""The configuration file and the data directory."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

from hedge_tui.cli.checks.finding import broken, note, ok
from hedge_tui.config.paths import folder_problem
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from hedge_tui.cli.checks.finding import Finding
    from hedge_tui.cli.desk import Desk


def check_config(desk: Desk) -> Finding:
    """The configuration can be read and everything in it is known."""
    try:
        settings = desk.settings
    except ConfigError as error:
        detail, _, remedy = str(error).partition("; ")
        return broken("config", detail, remedy or "mend that line")
    file = desk.paths.config_file
    if not file.exists():
        return note("config", f"{file} does not exist; defaults hold", "hedge accounts add, or: hedge demo")
    return ok("config", f"{file}, {len(settings.accounts)} accounts")


def check_data_directory(data_dir: Path) -> Iterator[Finding]:
    """The data directory is ours alone, and so is every file in it that holds keys or money."""
    if not data_dir.exists():
        yield ok("data directory", f"{data_dir} does not exist yet; the engine makes it")
        return
    if problem := folder_problem(data_dir):
        detail, _, remedy = problem.partition("; ")
        yield broken("data directory", detail, remedy or "choose another with --data-dir")
        return
    yield ok("data directory", str(data_dir))
    yield _files(data_dir)


def _files(data_dir: Path) -> Finding:
    # Sealed history is public market data and may be shared; everything beside it may not.
    own = [one for one in data_dir.iterdir() if one.is_file()]
    open_ones = sorted(one.name for one in own if stat.S_IMODE(one.lstat().st_mode) & 0o077)
    if open_ones:
        return broken(
            "data files",
            f"open to others: {', '.join(open_ones)}",
            f"chmod 600 {' '.join(str(data_dir / name) for name in open_ones)}",
        )
    return ok("data files", f"{len(own)} files, none open to others")
