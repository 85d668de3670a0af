"""Files that are whole or absent: written under a temporary name, synced, renamed, folder synced."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

TEMPORARY = ".tmp"
"""Ending of an unfinished file; whoever finds one after a crash may delete it."""


def write_durably(path: Path, content: bytes) -> None:
    """Put `content` at `path`, mode 0600, durable on return. Raises OSError, then nothing is left behind."""
    temporary = path.with_name(path.name + TEMPORARY)
    try:
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600
        )
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        install_durably(temporary, path)
    except OSError:
        with contextlib.suppress(OSError):
            temporary.unlink()
        raise


def install_durably(temporary: Path, path: Path) -> None:
    """Sync the finished file `temporary`, make it private and give it its name. Raises OSError."""
    handle = os.open(temporary, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fchmod(handle, 0o600)
        sync(handle)
    finally:
        os.close(handle)
    temporary.replace(path)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` durable."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync(handle: int) -> None:
    """Make a file's content durable, through the drive's cache where the system knows how."""
    full = getattr(fcntl, "F_FULLFSYNC", None)  # macOS only; fsync stops at the drive's cache there
    if full is None:
        os.fsync(handle)
    else:
        fcntl.fcntl(handle, full)
