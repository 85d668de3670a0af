"""Overwrites and deletes a file of secrets, and says what that cannot do on this disk."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

_COPYING = {"btrfs", "zfs", "bcachefs", "nilfs2", "f2fs", "overlay", "apfs"}
"""File systems that write changes elsewhere: what was overwritten is still there for a while."""
_PIECE = 1024 * 1024


def shred(file: Path) -> None:
    """Overwrite a file once and delete it.

    Raises:
        OSError: it is a link, or cannot be written.
    """
    handle = os.open(file, os.O_WRONLY | os.O_NOFOLLOW)
    try:
        left = os.fstat(handle).st_size
        while left > 0:
            left -= os.write(handle, secrets.token_bytes(min(left, _PIECE)))
        os.fsync(handle)
    finally:
        os.close(handle)
    file.unlink()


def what_shredding_cannot_do(file: Path) -> str:
    """One sentence for the trader; ask before the file is gone."""
    kind = _file_system(file)
    words = ["copies in backups, snapshots and synchronised folders stay"]
    if kind in _COPYING:
        words.insert(
            0, f"this file system ({kind}) writes elsewhere, so the old bytes stay until they are reused"
        )
    elif kind != "tmpfs":
        words.insert(0, "on an SSD the old bytes may stay in cells that nothing overwrites")
    if file.exists() and file.stat().st_nlink > 1:
        words.append("the file has a second name (a hard link), which holds noise now")
    return f"{'; '.join(words)}: where that matters, make new keys at the venue"


def _file_system(file: Path) -> str:
    """The kind of file system below a file, or "" where the system does not say."""
    best = (0, "")
    try:
        mounts = Path("/proc/mounts").read_text(encoding="utf-8", errors="replace")
        path = file.resolve()
    except OSError:
        return ""
    for mount in mounts.splitlines():
        words = mount.split()
        if len(words) < 3:
            continue
        point = Path(words[1].replace("\\040", " "))
        if path.is_relative_to(point) and len(point.parts) >= best[0]:
            best = (len(point.parts), words[2])
    return best[1]
