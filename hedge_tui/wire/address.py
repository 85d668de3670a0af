"""Where the engine of a data directory listens: a short path that console, CLI and engine all compute alike.

A unix socket's path may have 107 bytes on Linux and 103 on macOS, and a data directory may be deeper, so the
socket lies elsewhere under a hash of it. Not in `/run/user/UID`: that folder is removed at log-out, which the
engine has to outlive.
"""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

from hedge_tui.domain.errors import ConfigError

MAX_PATH_BYTES = 103
"""The shorter of both systems' limits, without the closing zero byte."""

ENVIRONMENT = "HEDGE_RUNTIME_DIR"
"""Names another runtime directory, for tests and for machines without a writable /tmp."""


def runtime_directory(configured: Path | None = None) -> Path:
    """The folder of the sockets: `configured`, else HEDGE_RUNTIME_DIR, else `/tmp/hedge-UID`.

    It is only named here; `prepare_runtime_directory` makes it.
    """
    if configured is not None:
        return configured
    if named := os.environ.get(ENVIRONMENT):
        return Path(named)
    return Path("/tmp") / f"hedge-{os.getuid()}"  # noqa: S108 - owner and mode are checked before use


def runtime_socket(data_dir: Path, configured: Path | None = None) -> Path:
    """The socket of the engine that owns `data_dir`; the same for every spelling of that directory.

    Args:
        data_dir: need not exist.
        configured: `[engine] runtime_dir` of the configuration, or None.

    Raises:
        ConfigError: the runtime directory's own path is too long.
    """
    name = hashlib.sha256(os.fsencode(os.path.realpath(data_dir))).hexdigest()[:16] + ".sock"
    path = runtime_directory(configured) / name
    if (length := len(os.fsencode(path))) > MAX_PATH_BYTES:
        raise ConfigError(
            f"the socket path {path} has {length} bytes, {MAX_PATH_BYTES} are possible; "
            f"name a shorter runtime directory in {ENVIRONMENT} or in [engine] runtime_dir"
        )
    return path


def prepare_runtime_directory(path: Path) -> None:
    """Make the folder with mode 0700, or check that an existing one is ours alone.

    Raises:
        ConfigError: it is a link or no folder, belongs to someone else, or others may look into it.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode):
        raise ConfigError(f"{path} is no folder; remove it or name another in {ENVIRONMENT}")
    if found.st_uid != os.getuid():
        raise ConfigError(
            f"{path} belongs to user {found.st_uid}, not to {os.getuid()}; name another in {ENVIRONMENT}"
        )
    if mode := stat.S_IMODE(found.st_mode) & 0o077:
        raise ConfigError(f"{path} is open to others (mode {mode | 0o700:04o}); run: chmod 700 {path}")
