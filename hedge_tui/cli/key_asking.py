"""Asks for a key and what belongs to it: hidden at a terminal, one secret a line from standard input."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from hedge_tui.cli.passphrase import read_passphrase, read_secret_lines
from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from hedge_tui.credentials.credential import KeyType
    from hedge_tui.domain.secret import Secret


def ask_key(venue: str) -> tuple[Secret, Secret, KeyType, Secret | None]:
    """API key, signing secret (it may be a private key in PEM form), its kind, and the venue's passphrase.

    Raises:
        CredentialError: nothing was given, or the secret is in a form that cannot be used.
    """
    from adapters.via_ccxt.quirk_tables import quirks_of
    from hedge_tui.credentials.private_key import read_secret
    from hedge_tui.domain.secret import Secret

    key = Secret(read_passphrase("API key: ").strip())
    given, kind = read_secret(read_secret_lines("API secret, or private key (PEM, or file:PATH): "))
    extra = None
    if quirks_of(venue).password:
        extra = Secret(read_passphrase(f"{venue}'s passphrase of the key: "))
    return key, Secret(given), kind, extra


OnCommandLine = Annotated[
    str, typer.Option("--api-key", "--secret", "--passphrase", "--password", hidden=True)
]
"""Options that are there to be refused."""


def refuse_on_command_line(given: str) -> None:
    """Raise CommandError when a secret was given as an argument."""
    if given:
        raise CommandError(
            "secrets are not taken from a command line: every program on this machine can read it, and the"
            " shell keeps it in its history. That one is known now: make a new key at the venue",
            hint="type it when asked, or give it by standard input, one line each",
        )


def known(venue: str) -> str:
    """The venue, if anybody knows it. Raises ConfigError."""
    from hedge_tui.bootstrap.venues import check_venue

    check_venue(venue)
    return venue
