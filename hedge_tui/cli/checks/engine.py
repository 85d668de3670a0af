"""The engine's socket, and what only other parts can say: journal, keyring, clocks of the venues.

Those parts are asked through `Probes`, which `hedge_tui.bootstrap` fills: it alone knows them.
"""

from __future__ import annotations

import socket
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from hedge_tui.cli.checks.finding import broken, note, ok, skipped
from hedge_tui.domain.errors import ConfigError, HedgeError
from hedge_tui.wire.address import prepare_runtime_directory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from hedge_tui.cli.checks.finding import Finding
    from hedge_tui.cli.desk import Desk

NOTED_OFFSET_S = 0.25
BROKEN_OFFSET_S = 1.0
"""Venues refuse a request whose time is more than a second ahead of theirs."""


class JournalState(Protocol):
    """What is known of a journal after its whole record was read."""

    @property
    def acts(self) -> int:
        """Acts in the record."""
        ...

    @property
    def problems(self) -> tuple[str, ...]:
        """What is wrong, one sentence each; empty means whole."""
        ...


@dataclass(frozen=True, slots=True)
class Probes:
    """Questions to parts that the command line does not know.

    Attributes:
        journal: reads the whole journal of a data directory; None when it has none yet. Raises HedgeError.
        keyring: whether an accepted OS keyring answers, and its name or the reason.
        paper: paper account -> whether its file is whole, and what it holds or what is wrong.
        routes: configured egress route and venue -> whether it was reached, and what was found.
        clock_offsets: venue -> seconds that its clock is ahead of ours, or why that is not known.
    """

    journal: Callable[[], JournalState | None]
    keyring: Callable[[], tuple[bool, str]]
    clock_offsets: Callable[[], Mapping[str, float | str]]
    paper: Callable[[], Mapping[str, tuple[bool, str]]] = dict
    routes: Callable[[], Mapping[str, tuple[bool, str]]] = dict


def check_socket(desk: Desk) -> Finding:
    """Whether an engine listens, and whether one could."""
    try:
        path = desk.socket
        if path.parent.exists():
            prepare_runtime_directory(path.parent)
    except ConfigError as error:
        detail, _, remedy = str(error).partition("; ")
        return broken("socket", detail, remedy)
    if not path.exists():
        return ok("socket", f"no engine runs; it will listen at {path}")
    if listens(path):
        return ok("socket", f"an engine answers at {path}")
    return note("socket", f"{path} is left over from an engine that died", "the next engine takes it over")


def listens(path: Path) -> bool:
    """True when somebody accepts connections at the socket."""
    if not stat.S_ISSOCK(path.lstat().st_mode):
        return False
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(2.0)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True


def check_journal(journal: Callable[[], JournalState | None]) -> Finding:
    """The record of acts is whole."""
    try:
        state = journal()
    except HedgeError as error:
        return broken(
            "journal", str(error), "restore a copy made by hedge backup; trade at the venues meanwhile"
        )
    if state is None:
        return ok("journal", "none yet")
    if state.problems:
        return broken(
            "journal",
            "; ".join(state.problems),
            "restore a copy made by hedge backup, or go on with what is left: hedge doctor --accept-journal",
        )
    return ok("journal", f"{state.acts:,} acts, each follows the one before")


def check_keyring(keyring: Callable[[], tuple[bool, str]], wanted: str) -> Finding:
    """An accepted keyring is there, if the vault is to be opened by one."""
    usable, words = keyring()
    if usable:
        return ok("keyring", words)
    if wanted == "keyring":
        return broken("keyring", words, 'set [vault] unlock = "passphrase", or unlock the keyring')
    # Why each backend is missing matters only to who wants one.
    return ok("keyring", f"{words.partition(' (')[0]}; the vault opens by passphrase")


def check_paper(paper: Callable[[], Mapping[str, tuple[bool, str]]]) -> Iterator[Finding]:
    """The paper accounts can be read."""
    for account, (whole, words) in paper().items():
        detail, _, remedy = words.partition("; ")
        yield ok(f"paper {account}", words) if whole else broken(f"paper {account}", detail, remedy)


def check_routes(routes: Callable[[], Mapping[str, tuple[bool, str]]]) -> Iterator[Finding]:
    """Every configured egress route reaches the venues that it is meant for."""
    for name, (reached, words) in routes().items():
        check = f"egress {name}"
        yield ok(check, words) if reached else broken(check, words, "look at it with: hedge traffic test")


def check_clocks(clock_offsets: Callable[[], Mapping[str, float | str]]) -> Iterator[Finding]:
    """This machine's clock agrees with each venue's."""
    found = clock_offsets()
    if not found:
        yield skipped("clock", "no venue is configured")
    for venue, offset in sorted(found.items()):
        check = f"clock {venue}"
        if isinstance(offset, str):
            yield skipped(check, offset)
            continue
        text = f"the venue's clock is {abs(offset) * 1000:.0f} ms {'ahead' if offset >= 0 else 'behind'}"
        remedy = "set this machine's clock by NTP: timedatectl set-ntp true"
        if abs(offset) >= BROKEN_OFFSET_S:
            yield broken(check, text, remedy)
        elif abs(offset) >= NOTED_OFFSET_S:
            yield note(check, text, remedy)
        else:
            yield ok(check, text)
