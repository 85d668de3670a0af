"""Where configuration and data lie, and how their folders are made: private to their owner."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping

PRIVATE_FOLDER = 0o700
PRIVATE_FILE = 0o600


@dataclass(frozen=True, slots=True)
class Paths:
    """The two places of one desk.

    Attributes:
        config_file: need not exist: then the defaults hold.
        data_dir: journal, history, vault and logs; made by the engine on its first start.
    """

    config_file: Path
    data_dir: Path

    @property
    def log_dir(self) -> Path:
        """Folder of the engine's logs and of crash reports."""
        return self.data_dir / "logs"


def locate(
    config_file: Path | None = None,
    data_dir: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Paths:
    """The paths of the desk: what is given, else the XDG folders.

    A data directory that is given and holds a `config.toml` brings its own configuration: `hedge demo` makes
    such a one. Without XDG variables they are `~/.config/hedge/config.toml` and `~/.local/share/hedge`.
    As XDG asks, a relative folder in its variables is ignored.
    """
    if config_file is None and data_dir is not None and (data_dir / "config.toml").exists():
        config_file = data_dir / "config.toml"
    return Paths(
        (config_file or _xdg(environ, "XDG_CONFIG_HOME", ".config") / "hedge" / "config.toml").absolute(),
        (data_dir or _xdg(environ, "XDG_DATA_HOME", ".local/share") / "hedge").absolute(),
    )


def _xdg(environ: Mapping[str, str], variable: str, fallback: str) -> Path:
    named = Path(environ.get(variable, ""))
    return named if named.is_absolute() else Path.home() / fallback


def make_private_folder(path: Path) -> Path:
    """Make `path` with mode 0700, its parents as usual, or check that an existing one is ours alone.

    Raises:
        ConfigError: it cannot be made, is no folder, belongs to someone else, or others may look into it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    except FileExistsError:
        raise ConfigError(f"{path} is a file; a folder is needed there") from None
    except OSError as error:
        raise ConfigError(f"{path} cannot be made: {error.strerror}") from error
    if problem := folder_problem(path):
        raise ConfigError(problem)
    return path


def folder_problem(path: Path) -> str:
    """Why an existing folder is not safe for money and keys, with what to do; "" when it is."""
    found = path.stat()
    if not stat.S_ISDIR(found.st_mode):
        return f"{path} is no folder"
    if found.st_uid != os.getuid():
        return f"{path} belongs to user {found.st_uid}, not to {os.getuid()}; choose another with --data-dir"
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        return f"{path} is open to others (mode {mode:04o}); run: chmod 700 {path}"
    if mode & 0o700 != 0o700:
        return f"{path} is closed to you (mode {mode:04o}); run: chmod 700 {path}"
    return ""


def write_private_file(path: Path, content: bytes, *, sync: bool = True) -> None:
    """Write a small file whole with mode 0600: under a temporary name, synced, renamed.

    Args:
        path: in a folder that is there.
        content: all of it.
        sync: False spares the disk; a power cut may then tear the file, the end of the process does not.

    Raises:
        OSError: as the file system says; the old file is then still whole.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, PRIVATE_FILE)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(content)
            if sync:
                out.flush()
                os.fsync(out.fileno())
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
