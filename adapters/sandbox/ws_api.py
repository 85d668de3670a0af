"""The venue's WebSocket API: requests by method name, and on spot the user stream by signature.

The same handlers answer as for REST. `sockets` passes every message on `/ws-api/v3` and `/ws-fapi/v1` here.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson

from adapters.sandbox.call import Call
from adapters.sandbox.endpoint import Endpoint, Security
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.refusal import VenueRefusal, missing
from adapters.sandbox.signing import check_signature, check_time, sorted_text
from adapters.sandbox.user_streams import Subscription

if TYPE_CHECKING:
    from adapters.sandbox.accounts import AccountSpec
    from adapters.sandbox.connection import Connection
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.world import World

SPOT_METHODS = {
    "ping": ("GET", "/api/v3/ping"),
    "time": ("GET", "/api/v3/time"),
    "exchangeInfo": ("GET", "/api/v3/exchangeInfo"),
    "depth": ("GET", "/api/v3/depth"),
    "trades.recent": ("GET", "/api/v3/trades"),
    "trades.aggregate": ("GET", "/api/v3/aggTrades"),
    "klines": ("GET", "/api/v3/klines"),
    "ticker.24hr": ("GET", "/api/v3/ticker/24hr"),
    "ticker.price": ("GET", "/api/v3/ticker/price"),
    "ticker.book": ("GET", "/api/v3/ticker/bookTicker"),
    "order.place": ("POST", "/api/v3/order"),
    "order.test": ("POST", "/api/v3/order/test"),
    "order.status": ("GET", "/api/v3/order"),
    "order.cancel": ("DELETE", "/api/v3/order"),
    "order.cancelReplace": ("POST", "/api/v3/order/cancelReplace"),
    "orderList.place": ("POST", "/api/v3/order/oco"),
    "orderList.place.oco": ("POST", "/api/v3/orderList/oco"),
    "orderList.place.oto": ("POST", "/api/v3/orderList/oto"),
    "orderList.place.otoco": ("POST", "/api/v3/orderList/otoco"),
    "orderList.status": ("GET", "/api/v3/orderList"),
    "orderList.cancel": ("DELETE", "/api/v3/orderList"),
    "openOrderLists.status": ("GET", "/api/v3/openOrderList"),
    "allOrderLists": ("GET", "/api/v3/allOrderList"),
    "openOrders.status": ("GET", "/api/v3/openOrders"),
    "openOrders.cancelAll": ("DELETE", "/api/v3/openOrders"),
    "allOrders": ("GET", "/api/v3/allOrders"),
    "myTrades": ("GET", "/api/v3/myTrades"),
    "account.status": ("GET", "/api/v3/account"),
    "account.commission": ("GET", "/api/v3/account/commission"),
    "account.rateLimits.orders": ("GET", "/api/v3/rateLimit/order"),
}
USDM_METHODS = {
    "ping": ("GET", "/fapi/v1/ping"),
    "time": ("GET", "/fapi/v1/time"),
    "depth": ("GET", "/fapi/v1/depth"),
    "ticker.price": ("GET", "/fapi/v1/ticker/price"),
    "ticker.book": ("GET", "/fapi/v1/ticker/bookTicker"),
    "order.place": ("POST", "/fapi/v1/order"),
    "order.modify": ("PUT", "/fapi/v1/order"),
    "order.status": ("GET", "/fapi/v1/order"),
    "order.cancel": ("DELETE", "/fapi/v1/order"),
    "algoOrder.place": ("POST", "/fapi/v1/algoOrder"),
    "algoOrder.cancel": ("DELETE", "/fapi/v1/algoOrder"),
    "account.status": ("GET", "/fapi/v2/account"),
    "v2/account.status": ("GET", "/fapi/v3/account"),
    "account.balance": ("GET", "/fapi/v2/balance"),
    "v2/account.balance": ("GET", "/fapi/v3/balance"),
    "account.position": ("GET", "/fapi/v2/positionRisk"),
    "v2/account.position": ("GET", "/fapi/v3/positionRisk"),
    "userDataStream.start": ("POST", "/fapi/v1/listenKey"),
    "userDataStream.ping": ("PUT", "/fapi/v1/listenKey"),
    "userDataStream.stop": ("DELETE", "/fapi/v1/listenKey"),
}
_USER_STREAM = "userDataStream.subscribe.signature"
_USER_STREAM_END = "userDataStream.unsubscribe"


@dataclass(slots=True)
class WsApiSession:
    """One connection to the WebSocket API."""

    world: World
    venue: ServedVenue
    connection: Connection
    address: str
    _subscriptions: int = 0
    _delayed: set[asyncio.Task[None]] = field(default_factory=set)

    def receive(self, text: str) -> None:
        """Answer one message."""
        try:
            message = orjson.loads(text)
            request_id, method = message.get("id"), str(message.get("method", ""))
            params = {name: _text(value) for name, value in (message.get("params") or {}).items()}
        except (orjson.JSONDecodeError, AttributeError):
            refusal = VenueRefusal(-1000, "Malformed request.")
            self._send(None, 400, error=refusal.body())
            return
        account = self.world.keyring.name_of(params.get("apiKey"))
        fault = self.world.faults.for_request("WS", method, account)
        row = self._record(method, params, account)
        if fault is not None:
            self._faulty(fault, request_id, method, params, row)
            return
        self._answer(request_id, method, params, row)

    def _record(self, method: str, params: dict[str, str], account: str) -> dict[str, Any]:
        shown = {name: value for name, value in params.items() if name not in ("signature", "apiKey")}
        return self.world.ledger.append(
            "request",
            self.world.clock.now_ns(),
            {
                "account": account,
                "address": self.address,
                "venue": self.venue.name,
                "method": "WS",
                "path": method,
                "params": shown,
                "status": 0,
                "carried_out": True,
                "outcome": "answered",
            },
        )

    def _answer(
        self, request_id: Any, method: str, params: dict[str, str], row: dict[str, Any], *, mute: bool = False
    ) -> None:
        try:
            result = self._handle(method, params)
        except VenueRefusal as refusal:
            row["status"] = refusal.status
            if not mute:
                self._send(request_id, refusal.status, error=refusal.body())
            return
        row["status"] = 200
        if not mute:
            self._send(request_id, 200, result=result)

    def _handle(self, method: str, params: dict[str, str]) -> Any:
        now_ms = self.world.clock.now_ms()
        if self.venue.kind == "spot" and method == _USER_STREAM:
            return self._subscribe(params, now_ms)
        if self.venue.kind == "spot" and method == _USER_STREAM_END:
            wrap = params.get("subscriptionId")
            self.venue.user_streams.remove(self.connection, int(wrap) if wrap else None)
            return {}
        table = SPOT_METHODS if self.venue.kind == "spot" else USDM_METHODS
        if method not in table:
            raise VenueRefusal(-1020, "Unsupported operation.")
        http_method, path = table[method]
        endpoint = self.venue.endpoints[http_method, path]
        call = Call(http_method, path, params, now_ms)
        self.venue.limiter.charge(self.address, endpoint.weight_of(call), now_ms)
        if endpoint.security is not Security.NONE:
            call.account = self._owner(endpoint, params, now_ms)
        orders = endpoint.orders_of(call)
        if orders and call.account is not None:
            self.venue.limiter.count_orders(call.account.name, orders, now_ms)
        call.params = {name: value for name, value in params.items() if name not in ("apiKey", "signature")}
        return endpoint.handler(self.venue, call)

    def _owner(self, endpoint: Endpoint, params: dict[str, str], now_ms: int) -> AccountSpec:
        if "apiKey" not in params:
            raise missing("apiKey")
        account = self.world.keyring.owner(params["apiKey"], endpoint.permission, self.address)
        if endpoint.security is Security.SIGNED:
            check_time(params, now_ms)
            check_signature(account, sorted_text(params), params.get("signature"))
        return account

    def _subscribe(self, params: dict[str, str], now_ms: int) -> dict[str, int]:
        account = self.world.keyring.owner(params.get("apiKey"), "read", self.address)
        check_time(params, now_ms)
        check_signature(account, sorted_text(params), params.get("signature"))
        subscription = self._subscriptions
        self._subscriptions += 1
        self.connection.account = account.name
        self.venue.user_streams.add(Subscription(self.connection, account.name, wrap=subscription))
        return {"subscriptionId": subscription}

    def _faulty(
        self, fault: Fault, request_id: Any, method: str, params: dict[str, str], row: dict[str, Any]
    ) -> None:
        kind = fault.kind
        row.update(outcome=kind.value, carried_out=fault.accepted or kind is FaultKind.DROP_AFTER)
        if kind is FaultKind.DELAY:
            row["carried_out"] = True
            task = asyncio.create_task(self._later(fault.seconds, request_id, method, params, row))
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)
            return
        if kind is FaultKind.LATE:
            row["carried_out"] = True
            task = asyncio.create_task(self._later(fault.seconds, request_id, method, params, row, mute=True))
            self._delayed.add(task)
            task.add_done_callback(self._delayed.discard)
            self.connection.abort()
            return
        if row["carried_out"]:
            self._answer(request_id, method, params, row, mute=True)
        if kind in (FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER, FaultKind.RESET):
            self.connection.abort(reset=kind is FaultKind.RESET)
        elif kind is not FaultKind.STALL:
            code, status = (fault.code or -1007, 400) if kind is FaultKind.REFUSE else (-1007, fault.status)
            self._send(request_id, status, error=VenueRefusal(code, fault.body or "Armed fault.").body())

    async def _later(
        self,
        seconds: float,
        request_id: Any,
        method: str,
        params: dict[str, str],
        row: dict[str, Any],
        *,
        mute: bool = False,
    ) -> None:
        await asyncio.sleep(seconds)
        self._answer(request_id, method, params, row, mute=mute)

    def _send(
        self, request_id: Any, status: int, *, result: Any = None, error: dict[str, Any] | None = None
    ) -> None:
        body: dict[str, Any] = {"id": request_id, "status": status}
        if error is not None:
            body["error"] = error
        else:
            body["result"] = orjson.Fragment(result) if isinstance(result, bytes) else result
        window = self.venue.limiter.table.weight
        body["rateLimits"] = [
            {
                "rateLimitType": "REQUEST_WEIGHT",
                "interval": "MINUTE",
                "intervalNum": 1,
                "limit": window.limit,
                "count": self.venue.limiter.used_weight(self.address, self.world.clock.now_ms()),
            }
        ]
        self.connection.send(orjson.dumps(body))


def _text(value: Any) -> str:
    """A JSON parameter as the text that was signed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return value if isinstance(value, str) else orjson.dumps(value).decode()
