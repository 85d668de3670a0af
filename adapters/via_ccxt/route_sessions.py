"""The sessions of one ccxt instance: one for each egress route, opened when it is first used.

An instance that holds keys never has a session over a route that is not trusted: there is no way to send a
key there, whatever the balancer says. Used by `instance`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import aiohttp

from adapters.via_ccxt.session import close_session, open_session

if TYPE_CHECKING:
    from collections.abc import Iterable

    from adapters.via_ccxt.egress import Egress
    from adapters.via_ccxt.tunnel import Told


class RouteRefused(aiohttp.ClientError):
    """A request was about to take a route that it may not; no byte left."""


class RouteSessions:
    """Sessions by route name.

    Args:
        egress: its routes are all that may be taken.
        hosts: the only host names that may be contacted.
        keyed: API keys are sent: only over trusted routes.
        told: hears of every dial.

    Attributes:
        names: of the routes that may be taken, in the order of the configuration.
    """

    def __init__(self, egress: Egress, hosts: Iterable[str], *, keyed: bool, told: Told) -> None:
        self._egress = egress
        self._hosts = frozenset(hosts)
        self.keyed = keyed
        self._told = told
        self._open: dict[str, aiohttp.ClientSession] = {}
        self._closed = False
        self.names = egress.names(keyed=keyed)

    def over(self, name: str) -> aiohttp.ClientSession:
        """The session over a route; "" is the first that may be taken.

        Raises:
            RouteRefused: there is no such route, it is not trusted with keys, or everything was closed.
        """
        if self._closed:
            raise RouteRefused("the sessions were closed")
        if not self.names:
            raise RouteRefused("no route may be taken: none that this key may take is there and trusted")
        name = name or self.names[0]
        if name not in self.names:
            why = "may not be taken by this key" if self._known(name) else "is not there any more"
            raise RouteRefused(f"route {name} {why}; this may only leave over {', '.join(self.names)}")
        session = self._open.get(name)
        if session is None:
            route = next(one for one in self._egress.routes if one.name == name)
            session = self._open[name] = open_session(self._egress, self._hosts, route, self._told)
        return session

    def _known(self, name: str) -> bool:
        return any(one.name == name for one in self._egress.routes)

    async def close(self) -> None:
        """Close all of them; safe to call twice."""
        self._closed = True
        opened, self._open = list(self._open.values()), {}
        for session in opened:
            await close_session(session)
