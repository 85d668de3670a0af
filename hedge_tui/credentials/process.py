"""Hardening of a process that will hold keys: called first thing by the engine and by `hedge keys`.

A key in memory is readable by every process of the same user unless the kernel is told otherwise, and a
core dump writes it to disk. Neither is prevented by encrypting the vault.
"""

from __future__ import annotations

import ctypes
import os
import resource
import sys
from dataclasses import dataclass

_PR_SET_DUMPABLE = 4
PRIVATE_UMASK = 0o077


@dataclass(frozen=True, slots=True)
class Hardening:
    """What `harden` achieved on this platform; `hedge doctor` prints it.

    Attributes:
        no_core_dump: core dumps of this process are off (soft and hard limit 0).
        not_dumpable: other processes of this user cannot read our memory or environment; Linux only.
        private_umask: files are created without access for group and others.
    """

    no_core_dump: bool
    not_dumpable: bool
    private_umask: bool


def harden() -> Hardening:
    """Close the side doors to this process's memory and files; never raises.

    Returns:
        What was achieved. `not_dumpable` is False on macOS, where there is no such switch: there the
        system's own rules about debugging other processes stand alone.
    """
    os.umask(PRIVATE_UMASK)
    return Hardening(no_core_dump=_forbid_core_dump(), not_dumpable=_forbid_reading(), private_umask=True)


def _forbid_core_dump() -> bool:
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (OSError, ValueError):
        return False
    return resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)


def _forbid_reading() -> bool:
    if not sys.platform.startswith("linux"):
        return False
    try:
        libc = ctypes.CDLL(None, use_errno=True)
        return int(libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)) == 0
    except (OSError, AttributeError):
        return False
