"""By which way requests leave this machine: egress routes, as config, adapters and screen know them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from ipaddress import ip_address, ip_network
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

ANY = "any"
"""What an account writes whose key may use every trusted route."""


class RouteKind(StrEnum):
    """How a route gets out."""

    DIRECT = "direct"
    """As this machine would without us."""
    SOURCE = "source"
    """From one of this machine's own addresses."""
    HTTP = "http"
    """Through an HTTP proxy, by CONNECT; TLS runs inside the tunnel."""
    SOCKS5 = "socks5"
    """Through a SOCKS5 proxy, which resolves the names."""


@dataclass(frozen=True, slots=True)
class Route:
    """One way out; a venue counts the requests of each by its own address.

    Attributes:
        host: own address (SOURCE), or the proxy's host; port: the proxy's. user: at the proxy, "" for none;
            its password is kept apart.
        trusted: API keys may go there.
        venues: globs of ccxt ids that it serves.
        share: most of its own rate budget that is used, above 0 to 1.
    """

    name: str
    kind: RouteKind = RouteKind.DIRECT
    host: str = ""
    port: int = 0
    user: str = ""
    trusted: bool = False
    venues: tuple[str, ...] = ("*",)
    share: float = 1.0

    @property
    def proxied(self) -> bool:
        """Whether somebody else makes the connection."""
        return self.kind in (RouteKind.HTTP, RouteKind.SOCKS5)

    @property
    def address(self) -> str:
        """Where it leaves from, or through: for the screen."""
        if self.proxied:
            host = f"[{self.host}]" if ":" in self.host else self.host
            return f"{host}:{self.port}"
        return self.host or "this machine"

    def serves(self, venue: str) -> bool:
        """Whether it is meant for this venue."""
        return any(fnmatchcase(venue, pattern) for pattern in self.venues)


DIRECT = Route("direct", trusted=True)
"""The way out that is always there, unless the configuration says something else of it."""


def routes_to(venue: str, routes: Sequence[Route]) -> tuple[Route, ...]:
    """The routes that serve a venue, the direct one included unless it is configured away."""
    named = routes if any(one.name == DIRECT.name for one in routes) else (DIRECT, *routes)
    return tuple(one for one in named if one.serves(venue))


def routes_for_key(wanted: str, routes: Sequence[Route], listed: Sequence[str] = ()) -> tuple[str, ...]:
    """Names of the routes that an account's key may take; () when there is none.

    A key stays on one address unless its account says otherwise: many venues bind keys to addresses.

    Args:
        wanted: what the account asks for: a name, `any` for every trusted one, "" for the direct one.
        routes: that serve the account's venue.
        listed: addresses that the venue takes the key from, () if it takes it from all or does not say. Among
            `any`, an own address that the venue would see as it is, and that is not listed, is left out.
    """
    trusted = tuple(one.name for one in routes if one.trusted)
    if wanted == ANY:
        refused = {one.name for one in routes if listed and _is_elsewhere(one, listed)}
        return tuple(name for name in trusted if name not in refused)
    return tuple(name for name in trusted if name == (wanted or DIRECT.name))


def _is_elsewhere(route: Route, listed: Sequence[str]) -> bool:
    """Whether a venue would see this route come from an address that is not in the list; unsure is no."""
    if route.kind is not RouteKind.SOURCE:
        return False
    try:
        own = ip_address(route.host)
        return own.is_global and not any(own in ip_network(one, strict=False) for one in listed)
    except ValueError:
        return False
