"""`hedge doctor`: looks at everything a desk stands on, and says ok or what to do."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.checks import engine, folders, machine, terminal
from hedge_tui.cli.checks.finding import Finding, Status, skipped
from hedge_tui.cli.desk import Desk, desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json, shown
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Iterator

CONFIG_FIRST = "the configuration has to be mended first"


def command(
    ctx: typer.Context,
    json: Json = False,
    accept: Annotated[
        bool, typer.Option("--accept-journal", help="Go on with what is left of a damaged journal.")
    ] = False,
) -> int:
    """Check Python, terminal, configuration, data, socket, journal, vault, keyring, clocks and disk.

    Exits 1 when anything is broken. Changes nothing, unless --accept-journal is given: then a damaged
    journal is cut at its last good act, the damaged files are kept beside it, and the engine can start;
    it asks the venues what became of the orders.
    """
    desk = desk_of(ctx)
    if accept:
        _accept_journal(desk)
    findings = list(examine(desk, _probes(desk)))
    if json:
        print_json({"broken": _broken(findings), "checks": findings})
    else:
        for one in findings:
            _print(one)
    return exits.FAILED if _broken(findings) else exits.DONE


def examine(desk: Desk, probes: engine.Probes | str) -> Iterator[Finding]:
    """All findings, in the order a person would look.

    Args:
        desk: whose paths and settings are looked at.
        probes: questions to the other parts, or why they cannot be asked.
    """
    yield machine.check_python()
    yield from machine.check_packages()
    yield from terminal.check_terminal(terminal.terminal_size(), os.environ, sys.stdout.encoding)
    config = folders.check_config(desk)
    yield config
    yield from folders.check_data_directory(desk.paths.data_dir)
    yield machine.check_disk(desk.paths.data_dir)
    if config.status is Status.BROKEN:
        yield skipped("socket", CONFIG_FIRST)
    else:
        yield engine.check_socket(desk)
    if isinstance(probes, str):
        yield from (skipped(check, probes) for check in ("journal", "vault", "keyring", "clock"))
        return
    yield engine.check_journal(probes.journal)
    yield from _vault(desk)
    yield engine.check_keyring(probes.keyring, desk.settings.vault.unlock)
    yield from engine.check_paper(probes.paper)
    yield from engine.check_routes(probes.routes)
    yield from engine.check_clocks(probes.clock_offsets)


def _accept_journal(desk: Desk) -> None:
    from hedge_tui.bootstrap import accept_journal
    from hedge_tui.bootstrap.places import journal_folder

    folder = journal_folder(desk.paths.data_dir)
    if not folder.is_dir():
        raise ConfigError(f"there is no journal at {folder}")
    lost = accept_journal(desk.paths.data_dir)
    for one in lost or ("the journal is whole; there was nothing to accept",):
        sys.stderr.write(f"{one}\n")
    if lost:
        sys.stderr.write(f"the damaged files are kept in {folder / 'damaged'}\n")


def _probes(desk: Desk) -> engine.Probes | str:
    if find_spec("hedge_tui.bootstrap") is None:
        return "this build has no engine"
    try:
        settings = desk.settings
    except ConfigError:
        return CONFIG_FIRST
    bootstrap = import_module("hedge_tui.bootstrap")
    data_dir = desk.paths.data_dir
    return engine.Probes(
        journal=lambda: bootstrap.journal_state(data_dir),
        keyring=bootstrap.keyring_state,
        clock_offsets=lambda: bootstrap.clock_offsets(settings),
        paper=lambda: bootstrap.paper_accounts(settings, data_dir),
        routes=lambda: bootstrap.route_findings(settings),
    )


def _vault(desk: Desk) -> Iterator[Finding]:
    from hedge_tui.bootstrap.places import vault_file
    from hedge_tui.cli.checks.vault import check_vault

    yield from check_vault(vault_file(desk.paths.data_dir), desk.settings.vault, os.environ)


def _broken(findings: list[Finding]) -> int:
    return sum(one.status is Status.BROKEN for one in findings)


def _print(one: Finding) -> None:
    sys.stdout.write(f"{one.status.value:<8}{one.check:<20} {shown(one.detail)}\n")
    if one.remedy:
        sys.stdout.write(f"{'':<28} -> {shown(one.remedy)}\n")
