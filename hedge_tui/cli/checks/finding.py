"""The result of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOTE = "note"
    """Works, but a trader should know."""
    BROKEN = "broken"
    """Has to be mended; doctor exits 1."""
    SKIPPED = "skipped"
    """Could not be looked at, and why."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the doctor.

    Attributes:
        check: what was looked at, such as `data directory`; stable, for scripts.
        detail: what was found.
        remedy: what to do about it, or "" when there is nothing to do.
    """

    check: str
    status: Status
    detail: str
    remedy: str = ""


def ok(check: str, detail: str) -> Finding:
    """All well."""
    return Finding(check, Status.OK, detail)


def note(check: str, detail: str, remedy: str) -> Finding:
    """Works; worth knowing."""
    return Finding(check, Status.NOTE, detail, remedy)


def broken(check: str, detail: str, remedy: str) -> Finding:
    """To be mended."""
    return Finding(check, Status.BROKEN, detail, remedy)


def skipped(check: str, detail: str) -> Finding:
    """Not looked at."""
    return Finding(check, Status.SKIPPED, detail)
