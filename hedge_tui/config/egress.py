"""`[[egress]]`: the ways by which requests may leave this machine. Passwords are in the vault, not here."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

from hedge_tui.config.accounts import check_word
from hedge_tui.config.bounds import Bounds
from hedge_tui.config.place import nearest
from hedge_tui.domain.account import Mode
from hedge_tui.domain.route import ANY, DIRECT, Route, RouteKind, routes_to

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.place import Place

VAULT_PREFIX = "egress."
"""Before a route's name: the vault entry that holds its password."""


@dataclass(frozen=True, slots=True)
class EgressSettings:
    """One `[[egress]]` entry."""

    name: str
    """Unique; "direct" says something else of the way out that is always there."""
    kind: RouteKind
    """direct, source (one of this machine's addresses), http (a proxy, by CONNECT) or socks5."""
    address: str = ""
    """source: the IP address to leave from; http and socks5: HOST:PORT of the proxy."""
    user: str = ""
    """Name at the proxy; its password is asked for by `hedge traffic password NAME` and kept in the vault."""
    venues: tuple[str, ...] = ("*",)
    """Globs of the venues it serves, such as "binance*"."""
    trusted: bool | None = None
    """API keys may go there; left out: false, and true for "direct"."""
    share: Annotated[Decimal, Bounds(least=Decimal("0.05"), most=1)] = Decimal(1)
    """The most of its own rate budget that is used; less where others leave from that address too."""

    @property
    def vault_entry(self) -> str:
        """Where the vault keeps its password; "" when it has none."""
        return VAULT_PREFIX + self.name if self.user else ""

    def route(self) -> Route:
        """The route as the rest of the desk knows it."""
        host, port = self.address, 0
        if self.kind in (RouteKind.HTTP, RouteKind.SOCKS5):
            host, port = _host_and_port(self.address) or ("", 0)
        trusted = self.kind is RouteKind.DIRECT if self.trusted is None else self.trusted
        return Route(self.name, self.kind, host, port, self.user, trusted, self.venues, float(self.share))


def routes_of(egress: Sequence[EgressSettings], venue: str) -> tuple[Route, ...]:
    """The routes that serve a venue."""
    return routes_to(venue, [one.route() for one in egress])


def check_egress(egress: Sequence[EgressSettings], place: Place) -> None:
    """Everything about routes that a type cannot say.

    Raises:
        ConfigError: at the offending key. The text of an address is not quoted where it may hold a password.
    """
    seen: dict[str, int] = {}
    for index, one in enumerate(egress):
        here = place.at(index)
        check_word(one.name, here.at("name"))
        if one.name in seen:
            raise here.at("name").error(
                f'egress "{one.name}" is here twice, as entries {seen[one.name] + 1} and {index + 1}'
            )
        seen[one.name] = index
        if one.name == ANY:
            raise here.at("name").error(f'egress "{ANY}" would mean every trusted one; rename it')
        if (one.name == DIRECT.name) != (one.kind is RouteKind.DIRECT):
            raise here.at("name").error(
                f'egress "{one.name}" has kind "{one.kind}"; name and kind "direct" belong together'
            )
        if not one.venues:
            raise here.at("venues").error(f'egress "{one.name}" serves no venue; write ["*"] for all')
        _check_address(one, here)
        _check_user(one, here)


def _check_address(one: EgressSettings, here: Place) -> None:
    at = here.at("address")
    if one.kind is RouteKind.DIRECT:
        if one.address:
            raise at.error('kind "direct" takes no address; write kind = "source" to leave from one')
        return
    example = "203.0.113.7" if one.kind is RouteKind.SOURCE else "proxy.example:3128"
    if not one.address:
        raise here.error(
            f'egress "{one.name}" has kind "{one.kind}" and lacks the key "address", such as "{example}"'
        )
    if "@" in one.address or "/" in one.address:
        raise at.error(
            f'address of egress "{one.name}" is written as a URL; write "{example}" alone, the name as user ='
            f' "...", and give the password to the vault: hedge traffic password {one.name}'
        )
    if one.kind is RouteKind.SOURCE and not _is_ip(one.address):
        raise at.error(
            f'address is "{one.address}"; write an IP address of this machine, such as "{example}"'
        )
    if one.kind is not RouteKind.SOURCE and _host_and_port(one.address) is None:
        raise at.error(f'address is "{one.address}"; write HOST:PORT of the proxy, such as "{example}"')


def _check_user(one: EgressSettings, here: Place) -> None:
    if one.user and one.kind in (RouteKind.DIRECT, RouteKind.SOURCE):
        raise here.at("user").error(
            f'egress "{one.name}" has kind "{one.kind}", which asks no user; leave it out'
        )
    if ":" in one.user:
        raise here.at("user").error(
            f'user of egress "{one.name}" holds a ":"; write the name alone and give the password to the'
            f" vault: hedge traffic password {one.name}"
        )


def check_account_egress(
    accounts: Sequence[AccountSettings], egress: Sequence[EgressSettings], place: Place
) -> None:
    """Every account's key has a way that it may take.

    Raises:
        ConfigError: at the account's `egress`, or at the account.
    """
    for index, account in enumerate(accounts):
        here = place.at(index)
        at = here.at("egress")
        if account.mode is Mode.PAPER:
            if account.egress:
                raise at.error(
                    f'account "{account.name}" has mode "paper" and sends no key; leave out egress'
                    f' "{account.egress}"'
                )
            continue
        routes = {one.name: one for one in routes_of(egress, account.venue)}
        known = {DIRECT.name, ANY, *(one.name for one in egress)}
        wanted = account.egress or DIRECT.name
        spot = at if account.egress else here
        if wanted not in known:
            raise at.error(f'no egress is called "{wanted}"; {nearest(wanted, known)}')
        if wanted == ANY:
            if not any(one.trusted for one in routes.values()):
                raise at.error(
                    f"no trusted egress serves {account.venue}; set trusted = true on one of yours"
                )
        elif wanted not in routes:
            raise spot.error(f'egress "{wanted}" of account "{account.name}" does not serve {account.venue}')
        elif not routes[wanted].trusted:
            raise spot.error(
                f'account "{account.name}" would send its key over egress "{wanted}", which is not trusted;'
                f" name another as egress, or set trusted = true on it"
            )


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


def _host_and_port(text: str) -> tuple[str, int] | None:
    host, _, port = text.rpartition(":")
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        return None
    bare = host.strip("[]")
    if not bare or any(char.isspace() for char in bare) or (":" in bare and not host.startswith("[")):
        return None
    return bare, int(port)
