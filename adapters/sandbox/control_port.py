"""The control port: plain HTTP on loopback for tests and the demo; reads the ledger, makes things happen.

Reading: GET /ledger?since=&kind=&limit=, /orders, /fills, /balances, /faults, /health.
Doing, JSON in the body: POST /price, /market, /clock, /age, /ban, /fault, /disarm, /transfer, /funding,
/income, /adl, /insurance, /key, /act, /instrument, /reset. Every
answer is JSON; a mistake in the request answers 400 with {"error": words}.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from adapters.paper.records import IncomeKind
from adapters.paper.refusal import PaperRefusal
from adapters.sandbox.call import Call
from adapters.sandbox.faults import IMMEDIATE, fault_from
from adapters.sandbox.ledger import LIMIT
from adapters.sandbox.refusal import VenueRefusal
from adapters.sandbox.stream_faults import strike
from hedge_tui.domain.order import PositionSide

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.sandbox.world import World

_KINDS = ("request", "order", "fill", "balance", "fault")


class ControlPort:
    """Answers the control port's requests."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._routes: dict[tuple[str, str], Callable[[dict[str, Any]], Any]] = {
            ("GET", "/ledger"): self._ledger,
            ("GET", "/orders"): self._orders,
            ("GET", "/fills"): self._fills,
            ("GET", "/balances"): self._balances,
            ("GET", "/faults"): lambda _: [fault.state() for fault in self._world.faults.armed],
            ("GET", "/health"): self._health,
            ("POST", "/price"): self._price,
            ("POST", "/market"): self._market,
            ("POST", "/clock"): self._clock,
            ("POST", "/age"): self._age,
            ("POST", "/ban"): self._ban,
            ("POST", "/income"): self._income,
            ("POST", "/adl"): self._deleverage,
            ("POST", "/insurance"): self._insurance,
            ("POST", "/key"): self._key,
            ("POST", "/act"): self._act,
            ("POST", "/instrument"): self._instrument,
            ("POST", "/fault"): self._fault,
            ("POST", "/disarm"): self._disarm,
            ("POST", "/transfer"): self._transfer,
            ("POST", "/funding"): self._funding,
            ("POST", "/reset"): self._reset,
        }

    async def answer(self, request: web.BaseRequest) -> web.Response:
        """Answer one control request."""
        route = self._routes.get((request.method, request.path))
        if route is None:
            return _json({"error": f"no {request.method} {request.path}"}, 404)
        try:
            text = await request.read()
            arguments = orjson.loads(text) if text else dict(request.query)
            return _json(route(arguments))
        except (KeyError, TypeError, ValueError, InvalidOperation, PaperRefusal) as error:
            return _json({"error": f"{type(error).__name__}: {error}"}, 400)

    def _ledger(self, arguments: dict[str, Any]) -> Any:
        kinds = arguments["kind"].split(",") if arguments.get("kind") else _KINDS
        return self._world.ledger.rows(
            kinds, int(arguments.get("since", 0)), int(arguments.get("limit", LIMIT))
        )

    def _orders(self, arguments: dict[str, Any]) -> Any:
        account = arguments.get("account")
        rows = self._world.ledger.orders.values()
        return [row for row in rows if account is None or row["account"] == account]

    def _fills(self, arguments: dict[str, Any]) -> Any:
        account = arguments.get("account")
        rows = self._world.ledger.rows(("fill",), int(arguments.get("since", 0)))
        return [row for row in rows if account is None or row["account"] == account]

    def _balances(self, arguments: dict[str, Any]) -> Any:
        account = arguments.get("account")
        return [
            row
            for venue in self._world.venues()
            for row in venue.holdings()
            if account in (None, row["account"])
        ]

    def _health(self, _: dict[str, Any]) -> Any:
        return {
            "now_ms": self._world.clock.now_ms(),
            "seq": self._world.ledger.seq,
            "venues": {
                venue.name: {"instruments": len(venue.instruments), "connections": len(venue.connections)}
                for venue in self._world.venues()
            },
        }

    def _price(self, arguments: dict[str, Any]) -> Any:
        venue = self._world.venue_named(arguments["venue"])
        venue.move_price(arguments["symbol"], Decimal(str(arguments["price"])))
        return {"symbol": arguments["symbol"], "price": str(arguments["price"])}

    def _market(self, arguments: dict[str, Any]) -> Any:
        self._world.moving = bool(arguments["moving"])
        return {"moving": self._world.moving}

    def _clock(self, arguments: dict[str, Any]) -> Any:
        self._world.clock.shift_ns = int(arguments["shift_ms"]) * 1_000_000
        return {"shift_ms": int(arguments["shift_ms"]), "now_ms": self._world.clock.now_ms()}

    def _age(self, arguments: dict[str, Any]) -> Any:
        self._world.clock.aged_ns += int(float(arguments["seconds"]) * 1_000_000_000)
        return {"life_ms": self._world.clock.life_ms()}

    def _ban(self, arguments: dict[str, Any]) -> Any:
        venue = self._world.venue_named(arguments["venue"])
        address, seconds = str(arguments.get("address", "127.0.0.1")), float(arguments["seconds"])
        venue.limiter.ban(address, seconds, self._world.clock.now_ms())
        return {"address": address, "seconds": seconds}

    def _fault(self, arguments: dict[str, Any]) -> Any:
        fault = self._world.faults.arm(fault_from(arguments))
        if fault.kind in IMMEDIATE:
            fault.struck = strike(self._world, fault)
        return fault.state()

    def _disarm(self, arguments: dict[str, Any]) -> Any:
        self._world.faults.disarm(arguments.get("id"))
        return [fault.state() for fault in self._world.faults.armed]

    def _transfer(self, arguments: dict[str, Any]) -> Any:
        venue = self._world.venue_named(arguments["venue"])
        quantity = Decimal(str(arguments["quantity"]))
        account, asset = arguments["account"], arguments["asset"]
        if venue.kind == "spot" and "reason" not in arguments:
            if quantity > 0:
                venue.treasury.deposit(account, asset, quantity)
            else:
                venue.treasury.withdraw(account, asset, -quantity, address="control-port")
        else:
            venue.transfer(account, asset, quantity, arguments.get("reason", "DEPOSIT"))
        return {"account": arguments["account"], "asset": arguments["asset"], "quantity": str(quantity)}

    def _funding(self, arguments: dict[str, Any]) -> Any:
        rate = Decimal(str(arguments["rate"]))
        self._world.usdm.pay_funding(arguments["symbol"], rate)
        return {"symbol": arguments["symbol"], "rate": str(rate)}

    def _income(self, arguments: dict[str, Any]) -> Any:
        kind, quantity = IncomeKind(arguments["kind"]), Decimal(str(arguments["quantity"]))
        self._world.usdm.adjust(arguments["account"], arguments.get("asset", "USDT"), quantity, kind)
        return {"account": arguments["account"], "kind": kind.value, "quantity": str(quantity)}

    def _deleverage(self, arguments: dict[str, Any]) -> Any:
        side, quantity = PositionSide(arguments.get("side", "net")), Decimal(str(arguments["quantity"]))
        self._world.usdm.deleverage(arguments["account"], arguments["symbol"], side, quantity)
        return {"account": arguments["account"], "symbol": arguments["symbol"]}

    def _insurance(self, arguments: dict[str, Any]) -> Any:
        asset, quantity = arguments.get("asset", "USDT"), Decimal(str(arguments["quantity"]))
        self._world.usdm.paper.limit_insurance(asset, quantity)
        return {"asset": asset, "quantity": str(quantity)}

    def _key(self, arguments: dict[str, Any]) -> Any:
        account, permissions = arguments["account"], arguments.get("permissions")
        if account not in {one.name for one in self._world.spot.accounts}:
            raise KeyError(account)
        if "permissions" in arguments:
            self._world.keyring.change(account, None if permissions is None else frozenset(permissions))
        if "addresses" in arguments:
            listed = arguments["addresses"]
            self._world.keyring.restrict(account, None if listed is None else frozenset(listed))
        return {"account": account, "permissions": permissions}

    def _act(self, arguments: dict[str, Any]) -> Any:
        """Carry out a signed call without its key, as the owner could on the venue's own page."""
        venue, method, path = (
            self._world.venue_named(arguments["venue"]),
            arguments["method"],
            arguments["path"],
        )
        account = next((one for one in venue.accounts if one.name == arguments["account"]), None)
        if account is None:
            raise KeyError(arguments["account"])
        endpoint = venue.endpoints[method, path]
        params = {name: str(value) for name, value in arguments.get("params", {}).items()}
        call = Call(method, path, params, self._world.clock.now_ms(), account)
        try:
            done = endpoint.handler(venue, call)
        except VenueRefusal as refusal:
            raise ValueError(str(refusal.body())) from refusal
        return orjson.loads(done) if isinstance(done, bytes) else done

    def _instrument(self, arguments: dict[str, Any]) -> Any:
        venue = self._world.venue_named(arguments.pop("venue"))
        changed = venue.change_instrument(arguments.pop("symbol"), arguments)
        return {"symbol": changed.venue_symbol, "active": changed.active, "grid": str(changed.grid)}

    def _reset(self, _: dict[str, Any]) -> Any:
        self._world.faults.disarm()
        self._world.moving = True
        for account in self._world.spot.accounts:
            self._world.keyring.change(account.name, None)
            self._world.keyring.restrict(account.name, None)
        self._world.clock.shift_ns = self._world.clock.aged_ns = 0
        self._world.ledger.clear()
        self._world.spot.treasury.clear()
        for venue in self._world.venues():
            venue.reset()
        return {"reset": True}


def _json(value: Any, status: int = 200) -> web.Response:
    return web.Response(body=orjson.dumps(value, default=str), status=status, content_type="application/json")
