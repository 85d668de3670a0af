"""`hedge backup`: a consistent copy of journal, configuration and vault, also while an engine runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.places import journal_folder, vault_file
from hedge_tui.config.paths import make_private_folder, write_private_file
from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.paths import Paths

NOTE = """A copy made by `hedge backup`. To go back to it, stop the engine, then put

    journal/       in the place of {journal}
    config.toml    in the place of {config}
    vault.hedge    in the place of {vault}

and run `hedge keys list --accept-older` once: the desk refuses an older vault until it is told to take it.
What was traded since is asked from the venues when the engine starts.
"""


@dataclass(frozen=True, slots=True)
class Backup:
    """What was copied.

    Attributes:
        acts: sequence number of the last act in the copy of the journal; None where there was no journal.
        files: names in the folder.
    """

    acts: int | None
    files: tuple[str, ...]


def make_backup(paths: Paths, target: Path) -> Backup:
    """Copy the desk to the new folder `target`, readable by its owner alone.

    Raises:
        StoreError: the folder has something in it, or source or target cannot be read or written.
        ConfigError: the folder cannot be made or is open to others.
    """
    from store.journal.backup import copy_journal

    if target.is_dir() and any(target.iterdir()):
        raise StoreError(f"{target} is not empty; name a new folder")
    make_private_folder(target)
    files: list[str] = []
    acts = None
    journal = journal_folder(paths.data_dir)
    if (journal / "journal.db").exists():
        acts = copy_journal(journal, target / "journal")
        files.append("journal")
    vault = vault_file(paths.data_dir)
    try:
        for source, name in ((paths.config_file, "config.toml"), (vault, "vault.hedge")):
            if source.exists():
                write_private_file(target / name, source.read_bytes())
                files.append(name)
        note = NOTE.format(journal=journal, config=paths.config_file, vault=vault)
        write_private_file(target / "README", note.encode())
    except OSError as error:
        raise StoreError(f"{target}: {error.strerror}: {error.filename}") from error
    return Backup(acts, tuple(files))
