"""The table of commands: name, where it is, and the line that `hedge --help` shows for it.

The help is kept here, beside the name, so that listing the commands imports none of them. A row whose module
is not part of this build is not a command: it is neither listed nor run.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple


class Command(NamedTuple):
    """One command.

    Attributes:
        name: as typed behind `hedge`.
        target: "module:attribute" below `hedge_tui.cli`; a function, or a `typer.Typer` with subcommands.
        help: one line, without full stop.
    """

    name: str
    target: str
    help: str

    @property
    def module(self) -> str:
        """The module that holds it."""
        return f"{__package__}.{self.target.partition(':')[0]}"

    @property
    def attribute(self) -> str:
        """Its name in that module."""
        return self.target.partition(":")[2]


SECTIONS: dict[str, tuple[Command, ...]] = {
    "Desk": (
        Command("console", "console:command", "Open the screen; what `hedge` alone does"),
        Command("demo", "demo:command", "A desk of twelve sandbox accounts, ready to trade; no keys needed"),
        Command("engine", "engine:app", "Run, ask or stop the process behind the screen"),
        Command("sandbox", "sandbox:command", "Serve a practice venue on this machine"),
        Command("unlock", "unlock:command", "Open the engine's vault, so that accounts connect"),
        Command("panic", "panic:command", "Cancel entries on every account, keep stops; needs no engine"),
    ),
    "Trading": (
        Command("do", "do:command", 'Carry out a command line: hedge do "@desk-1 buy 500usd BTC.p"'),
        Command("balances", "reading:balances", "What each account holds"),
        Command("positions", "reading:positions", "Open positions"),
        Command("orders", "reading:orders", "Live and unknown orders"),
        Command("fills", "reading:fills", "Executions"),
        Command("pnl", "pnl:command", "Profit and loss: today, or by day, session, account, instrument, tag"),
        Command("away", "away:command", "What happened since a console last looked"),
        Command("risk", "risk:risk", "Exposure, margin use, stress, and the caps in force"),
        Command("runs", "runs:command", "Confirmed lines, and what became of their orders"),
        Command("journal", "journal:app", "What the desk did and why: show, verify, replay, explain"),
    ),
    "Market": (
        Command("markets", "markets:command", "Instruments with quotes, volumes, funding, open interest"),
        Command("stream", "stream:command", "Follow topics, one JSON object a line"),
        Command("history", "history:app", "Recorded candles: span, gaps and bytes of each series"),
        Command("chart", "chart:command", "Print a candle chart"),
        Command("alarms", "alarms:app", "List, add and silence alarms"),
        Command("indicators", "indicators:app", "List indicators and what each computes"),
        Command("backtest", "backtest:command", "Run a strategy against history"),
        Command("sweep", "sweep:command", "Run many variants of a strategy"),
    ),
    "Set-up": (
        Command("accounts", "accounts:app", "List, add, test, reset and remove accounts"),
        Command("traffic", "traffic:app", "Rate budgets, lanes, egress routes and bans; try the routes"),
        Command("keys", "keys:app", "API keys in the vault of this machine"),
        Command("doctor", "doctor:command", "Check this machine and say what to mend"),
        Command("backup", "backup:command", "Copy journal, configuration and vault to a folder"),
        Command("bench", "bench:command", "Measure this machine against named peers"),
    ),
}

DEFAULT = "console"
"""What `hedge` without a command does."""


def available() -> dict[str, tuple[Command, ...]]:
    """The sections with the commands whose modules exist in this build; empty sections are left out."""
    present = {one.module for row in SECTIONS.values() for one in row if find_spec(one.module)}
    found = {title: tuple(one for one in row if one.module in present) for title, row in SECTIONS.items()}
    return {title: row for title, row in found.items() if row}


def find(name: str) -> Command | None:
    """The command of that name, or None when this build has none."""
    for row in SECTIONS.values():
        for one in row:
            if one.name == name:
                return one if find_spec(one.module) else None
    return None
