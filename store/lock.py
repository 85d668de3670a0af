"""One engine per data directory: a lock that the kernel drops when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import StoreError

if TYPE_CHECKING:
    from pathlib import Path


class OwnerLock:
    """An exclusive lock on a file, held from construction to `release`.

    The file keeps the holder's process id, for the message that a second one gets. It is never deleted: a
    lock on a deleted file excludes nobody. Children must be spawned, not forked: a fork shares the lock.
    """

    def __init__(self, path: Path, what: str) -> None:
        """Take the lock at once or fail at once.

        Args:
            path: the lock file, made with mode 0600 where it is missing.
            what: what is locked, for the message ("the journal of DIR").

        Raises:
            StoreError: another process holds it (named by its id), or the file cannot be made.
        """
        try:
            self._handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreError(f"{path} cannot be opened: {error.strerror}") from error
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.pread(self._handle, 32, 0).decode(errors="replace").strip() or "unknown"
            os.close(self._handle)
            raise StoreError(f"{what} is in use by process {holder}; stop that engine first") from None
        os.ftruncate(self._handle, 0)
        os.pwrite(self._handle, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let the next one in; again is harmless."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
