"""Tries every egress route to every venue of a desk, for `hedge traffic test` and `hedge doctor`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from hedge_tui.bootstrap.logs import keep_libraries_quiet
from hedge_tui.bootstrap.venues import market_mode
from hedge_tui.bootstrap.ways import Ways
from hedge_tui.domain.errors import HedgeError

if TYPE_CHECKING:
    from hedge_tui.config.accounts import AccountSettings
    from hedge_tui.config.settings import Settings
    from hedge_tui.credentials.vault import Vault
    from hedge_tui.domain.route import Route

LIMIT_S = 15.0


@dataclass(frozen=True, slots=True)
class RouteTrial:
    """One route to one venue; times in ms. `seen_as` is "" where the venue does not tell."""

    route: str
    venue: str
    address: str
    trusted: bool
    reached: bool
    dial_ms: float = 0.0
    answer_ms: float = 0.0
    seen_as: str = ""
    problem: str = ""


def try_routes(settings: Settings, vault: Vault | None = None) -> list[RouteTrial]:
    """All of them, side by side.

    Args:
        settings: of the desk.
        vault: has the passwords of proxies; None where no route needs one, or nobody opened it.
    """
    keep_libraries_quiet()
    ways = Ways(settings.egress, lambda: vault)
    first = {account.venue: account for account in reversed(settings.accounts)}

    async def all_of_them() -> list[RouteTrial]:
        pairs = [(account, route) for account in first.values() for route in ways.routes(account.venue)]
        return list(await asyncio.gather(*(_one(ways, *pair) for pair in pairs)))

    return sorted(asyncio.run(all_of_them()), key=lambda trial: (trial.venue, trial.route))


async def _one(ways: Ways, account: AccountSettings, route: Route) -> RouteTrial:
    from adapters.via_ccxt.route_check import check_route

    found = RouteTrial(route.name, account.venue, route.address, route.trusted, reached=False)
    try:
        async with asyncio.timeout(LIMIT_S):
            made = await check_route(account.venue, ways.of(account), route, market_mode(account))
    except TimeoutError:
        return replace(found, problem=f"no answer within {LIMIT_S:.0f} s")
    except (HedgeError, LookupError) as error:
        return replace(found, problem=str(error))
    return replace(
        found,
        reached=not made.problem,
        dial_ms=round(made.dial_ms, 1),
        answer_ms=round(made.answer_ms, 1),
        seen_as=made.seen_as,
        problem=made.problem,
    )
