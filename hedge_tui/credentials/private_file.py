"""Files that only their owner may read, written so that a crash leaves the old or the new one, never half.

The vault and its high-water mark go through here and nothing else does.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import secrets
import stat
from typing import TYPE_CHECKING

from hedge_tui.credentials.errors import (
    UnsafeVaultFileError,
    VaultConflictError,
    VaultMissingError,
    VaultWriteError,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PRIVATE_MODE = 0o600
_MAX_BYTES = 4 * 1024 * 1024


def read_private(path: Path) -> bytes:
    """The bytes of `path`, after its owner, mode and kind were checked on the opened file itself.

    Raises:
        VaultMissingError: there is no such file.
        UnsafeVaultFileError: a symbolic link, not a regular file, someone else's, open to others, lying in a
            folder that others can write to, or larger than 4 MiB.
    """
    _check_folder(path.parent)
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except FileNotFoundError:
        raise VaultMissingError(f"there is no vault at {path}; make one with `hedge keys add`") from None
    except OSError as error:
        if path.is_symlink():
            raise UnsafeVaultFileError(f"{path} is a symbolic link; put the file itself there") from error
        raise UnsafeVaultFileError(f"{path} cannot be read: {error.strerror}") from error
    try:
        _check_file(path, os.fstat(handle))
        with open(handle, "rb", closefd=False) as file:
            return file.read(_MAX_BYTES + 1)
    finally:
        os.close(handle)


def _check_file(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise UnsafeVaultFileError(f"{path} is not a regular file")
    if found.st_uid != os.geteuid():
        raise UnsafeVaultFileError(f"{path} belongs to user {found.st_uid}, not to {os.geteuid()}")
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o077:
        raise UnsafeVaultFileError(f"{path} has mode {mode:04o}, others may read it: run chmod 600 {path}")
    if found.st_size > _MAX_BYTES:
        raise UnsafeVaultFileError(f"{path} has {found.st_size} bytes; a vault has at most {_MAX_BYTES}")


def _check_folder(folder: Path) -> None:
    try:
        found = folder.stat()
    except FileNotFoundError:
        raise VaultMissingError(f"there is no folder {folder}") from None
    mode = stat.S_IMODE(found.st_mode)
    if found.st_uid not in {os.geteuid(), 0}:
        raise UnsafeVaultFileError(f"the folder {folder} belongs to user {found.st_uid}")
    if mode & 0o022 and not mode & stat.S_ISVTX:
        raise UnsafeVaultFileError(
            f"the folder {folder} has mode {mode:04o}, others may replace the vault: run chmod 700 {folder}"
        )


def write_private(path: Path, content: bytes) -> None:
    """Replace `path` by `content`, mode 0600, durable before this returns.

    Raises:
        UnsafeVaultFileError: the folder is open to others.
        VaultWriteError: the disk refused; the old file is untouched and no temporary file is left.
    """
    _check_folder(path.parent)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}.tmp")
    try:
        _write_new(temporary, content)
        temporary.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise VaultWriteError(f"{path} cannot be written: {error.strerror}") from error


def _write_new(path: Path, content: bytes) -> None:
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, PRIVATE_MODE), "wb") as file:
        os.fchmod(file.fileno(), PRIVATE_MODE)
        file.write(content)
        file.flush()
        _sync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sync(handle: int) -> None:
    # On macOS fsync leaves the data in the drive's cache; F_FULLFSYNC exists only there.
    full = getattr(fcntl, "F_FULLFSYNC", None)
    if full is None:
        os.fsync(handle)
    else:
        fcntl.fcntl(handle, full)


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Keep other processes from saving the vault at `path` for the length of the block.

    Raises:
        VaultConflictError: another process is saving it at this moment.
    """
    _check_folder(path.parent)
    handle = os.open(
        path.with_name(f"{path.name}.lock"),
        os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC,
        PRIVATE_MODE,
    )
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise VaultConflictError(f"another process is saving {path}; try again") from None
        yield
    finally:
        os.close(handle)
