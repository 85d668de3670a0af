"""`SandboxControl`: what tests and the demo hold to look into a sandbox and to make things go wrong in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import aiohttp

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import TracebackType


class ControlError(Exception):
    """The control port refused; the message is its words."""


class SandboxControl:
    """Asynchronous client of the control port.

    Use as `async with SandboxControl(port) as control:`. Rows are dicts as `ledger.Ledger` describes them.
    """

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._base = f"http://{host}:{port}"
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._session = aiohttp.ClientSession()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._session is not None
        await self._session.close()

    async def ledger(self, *kinds: str, since: int = 0) -> list[dict[str, Any]]:
        """Ledger rows of the kinds (all when none is given) after sequence number `since`, oldest first."""
        return await self._list("/ledger", kind=",".join(kinds), since=since)

    async def requests(self, path: str = "", account: str | None = None) -> list[dict[str, Any]]:
        """Requests whose path contains `path`."""
        rows = await self.ledger("request")
        return [row for row in rows if path in row["path"] and account in (None, row["account"])]

    async def orders(self, account: str | None = None) -> list[dict[str, Any]]:
        """The newest state of every order."""
        return await self._list("/orders", **({"account": account} if account else {}))

    async def fills(self, account: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """Every execution, oldest first."""
        return await self._list("/fills", since=since, **({"account": account} if account else {}))

    async def balances(self, account: str | None = None) -> list[dict[str, Any]]:
        """Balances and positions now: rows with `what` balance or position."""
        return await self._list("/balances", **({"account": account} if account else {}))

    async def health(self) -> dict[str, Any]:
        """Clock, number of the ledger's newest row (`seq`), instruments and connections."""
        health: dict[str, Any] = await self._call("GET", "/health", {})
        return health

    async def move_price(self, venue: str, symbol: str, price: str) -> None:
        """Put a market's price at `price`; `venue` is binance or binanceusdm, `symbol` such as BTCUSDT."""
        await self._post("/price", {"venue": venue, "symbol": symbol, "price": price})

    async def hold_market(self, *, still: bool = True) -> None:
        """Let no price move by itself any more, or (`still=False`) let them move again."""
        await self._post("/market", {"moving": not still})

    async def shift_clock(self, shift_ms: int) -> None:
        """Set the venue's clock ahead of (or behind) real time."""
        await self._post("/clock", {"shift_ms": shift_ms})

    async def grow_older(self, seconds: float) -> None:
        """Age connections and listen keys at once: they end after 24 h and 60 min."""
        await self._post("/age", {"seconds": seconds})

    async def ban(self, venue: str, seconds: float, address: str = "127.0.0.1") -> None:
        """Answer every request from an address with 418 for a while; 0 lifts the ban."""
        await self._post("/ban", {"venue": venue, "seconds": seconds, "address": address})

    async def fault(self, kind: str, **fields: Any) -> int:
        """Arm a fault (see `faults.Fault` for the fields); returns its id, for `disarm`."""
        state = await self._post("/fault", {"kind": kind, **fields})
        return int(state["id"])

    async def strike(self, kind: str, **fields: Any) -> int:
        """Arm a fault that strikes open streams at once; returns how many connections it struck."""
        state = await self._post("/fault", {"kind": kind, **fields})
        return int(state["struck"])

    async def faults(self) -> list[dict[str, Any]]:
        """The armed faults with how often each struck."""
        return await self._list("/faults")

    async def disarm(self, fault_id: int | None = None) -> None:
        """Remove one fault, or all."""
        await self._call("POST", "/disarm", {"id": fault_id})

    async def transfer(self, account: str, venue: str, asset: str, quantity: str, reason: str = "") -> None:
        """Move money into (or, negative, out of) an account.

        On spot it is a deposit from outside or a withdrawal, and in their histories, unless a reason says
        what else it is; on USD-M it comes as a transfer.
        """
        arguments = {"account": account, "venue": venue, "asset": asset, "quantity": quantity}
        await self._post("/transfer", {**arguments, "reason": reason} if reason else arguments)

    async def pay_funding(self, symbol: str, rate: str) -> None:
        """Pay funding at `rate` on a USD-M instrument now."""
        await self._post("/funding", {"symbol": symbol, "rate": rate})

    async def add_income(self, account: str, kind: str, quantity: str, asset: str = "USDT") -> None:
        """Book USD-M income that no trade causes; `kind` such as COMMISSION_REBATE."""
        await self._post("/income", {"account": account, "kind": kind, "quantity": quantity, "asset": asset})

    async def deleverage(self, account: str, symbol: str, quantity: str, side: str = "net") -> None:
        """Close part of a USD-M position as auto-deleveraging would; `side` is net, long or short."""
        await self._post("/adl", {"account": account, "symbol": symbol, "quantity": quantity, "side": side})

    async def limit_insurance(self, quantity: str, asset: str = "USDT") -> None:
        """Leave the insurance fund with so much; what it cannot pay is taken from the other side (ADL)."""
        await self._post("/insurance", {"quantity": quantity, "asset": asset})

    async def change_key(self, account: str, permissions: Iterable[str] | None) -> None:
        """Let an account's key do other things; an empty list revokes it, None gives back what it had."""
        wanted = None if permissions is None else sorted(permissions)
        await self._post("/key", {"account": account, "permissions": wanted})

    async def restrict_key(self, account: str, addresses: Iterable[str] | None) -> None:
        """Let an account's key be used from these addresses alone; [] from everywhere, None as at first."""
        listed = None if addresses is None else sorted(addresses)
        await self._post("/key", {"account": account, "addresses": listed})

    async def act(self, account: str, venue: str, method: str, path: str, **params: Any) -> Any:
        """Do what the account's owner could on the venue's own page: any signed call, without its key.

        Such as `act("desk-1", "binanceusdm", "POST", "/fapi/v1/leverage", symbol="BTCUSDT", leverage=3)`:
        orders, cancels and settings of somebody else than the client under test.
        """
        arguments = {"account": account, "venue": venue, "method": method, "path": path, "params": params}
        return await self._call("POST", "/act", arguments)

    async def change_instrument(self, venue: str, symbol: str, **rules: Any) -> None:
        """Change rules of a market: `active=False`, or of its grid such as `tick="0.5"`, `lot="0.01"`."""
        await self._post("/instrument", {"venue": venue, "symbol": symbol, **rules})

    async def reset(self) -> None:
        """Back to the start: balances as configured, no orders, no faults, empty ledger; prices go on."""
        await self._post("/reset", {})

    async def _list(self, path: str, **query: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._call("GET", path, query)
        return found

    async def _post(self, path: str, arguments: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = await self._call("POST", path, arguments)
        return found

    async def _call(self, method: str, path: str, arguments: dict[str, Any]) -> Any:
        assert self._session is not None
        if method == "GET":
            query = {name: str(value) for name, value in arguments.items() if value not in ("", None)}
            request = self._session.get(self._base + path, params=query)
        else:
            request = self._session.post(self._base + path, json=arguments)
        async with request as response:
            body = await response.json()
            if response.status != 200:
                raise ControlError(body["error"])
            return body
