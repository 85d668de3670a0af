"""Where the requests of one venue client go: which systems count them, over which routes they may leave."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Home:
    """One venue client's place in the balancer.

    Attributes:
        venue: name of the system that counts its requests unless they say otherwise; a ccxt id.
        place: "" for the live venue, "demo" for its own test system, "at HOST:PORT" for a sandbox; what is
            counted in one place says nothing of another.
        routes: egress routes of requests that name none themselves; at least one.
    """

    venue: str
    place: str = ""
    routes: tuple[str, ...] = ("",)

    def system(self, name: str = "") -> str:
        """What a system is called in budgets and on screen; "" is the venue's own.

        >>> Home("binanceusdm", "at 127.0.0.1:18443").system("binance")
        'binance at 127.0.0.1:18443'
        """
        return f"{name or self.venue} {self.place}".rstrip()
