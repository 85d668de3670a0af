"""Checks of what the configuration says about venues, which its reader cannot know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from adapters.via_ccxt.known_venues import known_venues
from hedge_tui.config.lines import key_lines
from hedge_tui.config.place import Place, nearest
from hedge_tui.domain.account import Mode
from hedge_tui.domain.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings


def check_venue(venue: str) -> None:
    """Refuse a venue that nobody knows.

    Raises:
        ConfigError: names the nearest known one.
    """
    if venue not in known_venues():
        raise ConfigError(_unknown(venue))


def check_venues(settings: Settings, file: Path) -> None:
    """Refuse what would only show later: venues nobody knows, one venue reached in two ways.

    Args:
        settings: as read.
        file: where they come from, for the line in the message.

    Raises:
        ConfigError: names file, line, account and venue.
    """
    place = Place(file, key_lines(file.read_text(encoding="utf-8")) if file.exists() else {})
    first: dict[str, AccountSettings] = {}
    for index, account in enumerate(settings.accounts):
        if account.venue not in known_venues():
            raise place.at("accounts", index, "venue").error(_unknown(account.venue))
        other = first.setdefault(account.venue, account)
        if _market_of(account) != _market_of(other):
            raise place.at("accounts", index).error(
                f"{other.name} ({other.mode}) and {account.name} ({account.mode}) are both at"
                f" {account.venue}, but would see different prices; put one of them on a desk of its own"
                " with --data-dir and --config"
            )
    for venue in settings.venues:
        if venue not in known_venues():
            raise place.at("venues", venue).error(_unknown(venue))


def _unknown(venue: str) -> str:
    close = nearest(venue, known_venues())
    # Over a hundred names help nobody.
    return f'venue "{venue}" is not known; ' + (close if close.startswith("did") else "write a ccxt id")


def _market_of(account: AccountSettings) -> tuple[str, str]:
    """Whose prices an account trades at: a paper account uses the live ones, or those of a sandbox."""
    return market_mode(account).value, account.connect


def market_mode(account: AccountSettings) -> Mode:
    """Whose public data an account sees, in the words of a mode."""
    if account.mode is not Mode.PAPER:
        return account.mode
    return Mode.SANDBOX if account.connect else Mode.LIVE
