"""Answers REST requests: routing, faults, weights, signatures, handlers, ledger. Called by `server`."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson
from aiohttp import web

from adapters.sandbox.call import Call, parse_pairs
from adapters.sandbox.connection import abort
from adapters.sandbox.endpoint import Endpoint, Security
from adapters.sandbox.faults import Fault, FaultKind
from adapters.sandbox.refusal import REJECTED_KEY, VenueRefusal
from adapters.sandbox.signing import check_signature, check_time, signed_text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from adapters.sandbox.accounts import AccountSpec
    from adapters.sandbox.served_venue import ServedVenue
    from adapters.sandbox.world import World

_JSON = "application/json;charset=UTF-8"
_HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
_GONE_CHECK_S = 0.05
_LONGEST_STALL = 72_000
_LISTS = frozenset({FaultKind.LIST_SHUFFLE, FaultKind.LIST_SHORT, FaultKind.LIST_LONG, FaultKind.LIST_EMPTY})
_CARRIED_OUT = _LISTS | {
    FaultKind.LAG,
    FaultKind.DROP_AFTER,
    FaultKind.TRUNCATE,
    FaultKind.DRIP,
    FaultKind.DELAY,
}


@dataclass(frozen=True, slots=True)
class _Incoming:
    """A request taken apart: the text that was signed is kept as it came."""

    request: web.BaseRequest
    venue: ServedVenue
    path: str
    query: str
    body: str

    @property
    def key(self) -> str | None:
        """The API key it came with."""
        return self.request.headers.get("X-MBX-APIKEY")


class RestDoor:
    """Every REST request of both venues comes through here."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._late: set[asyncio.Task[None]] = set()

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, or do what an armed fault says."""
        world = self._world
        path, _, query = request.raw_path.partition("?")
        body = (await request.read()).decode("utf-8", "replace")
        venue = world.venue_for(path)
        if venue is None:
            return web.Response(
                status=404, text="<html><body>404 Not found</body></html>", content_type="text/html"
            )
        incoming = _Incoming(request, venue, path, query, body)
        account = world.keyring.name_of(incoming.key)
        fault = world.faults.for_request(request.method, path, account)
        row = self._record(incoming, account)
        if fault is not None:
            struck = {"fault": fault.id, "what": fault.kind.value, "path": path}
            world.ledger.append("fault", world.clock.now_ns(), struck)
            if fault.kind is FaultKind.LATE:
                return self._answer_never(incoming, fault, row)
            return await self._faulty(incoming, fault, row)
        status, headers, content = self._carry_out(incoming)
        row.update(status=status, **_wait_asked(headers))
        return web.Response(status=status, body=content, headers=headers)

    def _record(self, incoming: _Incoming, account: str) -> dict[str, Any]:
        params = parse_pairs(incoming.query) | parse_pairs(incoming.body)
        params.pop("signature", None)
        return self._world.ledger.append(
            "request",
            self._world.clock.now_ns(),
            {
                "account": account,
                "address": incoming.request.remote or "",
                "venue": incoming.venue.name,
                "method": incoming.request.method,
                "path": incoming.path,
                "params": params,
                "status": 0,
                "carried_out": True,
                "outcome": "answered",
            },
        )

    def _carry_out(
        self, incoming: _Incoming, came_ms: int | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Check and handle the request, by the time at which it came; returns status, headers and body."""
        headers: dict[str, str] = {"Content-Type": _JSON}
        try:
            content = self._handle(incoming, headers, came_ms)
        except VenueRefusal as refusal:
            headers.update(refusal.headers)
            return refusal.status, headers, orjson.dumps(refusal.body())
        return 200, headers, content if isinstance(content, bytes) else orjson.dumps(content)

    def _handle(self, incoming: _Incoming, headers: dict[str, str], came_ms: int | None) -> Any:
        method, path, venue = incoming.request.method, incoming.path, incoming.venue
        now_ms = self._world.clock.now_ms()
        endpoint = venue.endpoints.get((method, path))
        if endpoint is None:
            raise VenueRefusal(-5000, f"Path {path}, Method {method} is invalid", 404)
        params = parse_pairs(incoming.query)
        if incoming.body:
            params = {**parse_pairs(incoming.body), **params}
        call = Call(method, path, params, now_ms)
        used = venue.limiter.charge(incoming.request.remote or "", endpoint.weight_of(call), now_ms)
        headers.update(venue.limiter.weight_headers(used))
        if endpoint.security is not Security.NONE:
            call.account = self._owner(incoming, endpoint, call, came_ms)
        orders = endpoint.orders_of(call)
        if orders and call.account is not None:
            headers.update(venue.limiter.count_orders(call.account.name, orders, now_ms))
        params.pop("signature", None)
        return endpoint.handler(venue, call)

    def _owner(self, incoming: _Incoming, endpoint: Endpoint, call: Call, came_ms: int | None) -> AccountSpec:
        address = incoming.request.remote or ""
        try:
            account = self._world.keyring.owner(incoming.key, endpoint.permission, address)
        except VenueRefusal as refusal:
            raise _told_from(incoming.venue.name, refusal, address) from None
        if endpoint.security is Security.SIGNED:
            check_time(call.params, call.now_ms if came_ms is None else came_ms)
            text, signature = signed_text(incoming.query, incoming.body)
            check_signature(account, text, signature)
        return account

    async def _faulty(self, incoming: _Incoming, fault: Fault, row: dict[str, Any]) -> web.StreamResponse:
        kind, request = fault.kind, incoming.request
        if kind is FaultKind.DELAY and not fault.accepted:
            await asyncio.sleep(fault.seconds)
        carried_out = fault.accepted or kind in _CARRIED_OUT
        row.update(outcome=kind.value, carried_out=carried_out)
        status, headers, content = 0, {"Content-Type": _JSON}, b""
        if carried_out:
            status, headers, content = self._carry_out(incoming)
            row["status"] = status
        match kind:
            case FaultKind.DROP_BEFORE | FaultKind.DROP_AFTER | FaultKind.RESET:
                abort(request, reset=kind is FaultKind.RESET)
                return web.Response(status=503)
            case FaultKind.STALL:
                await _until_gone(request)
                return web.Response(status=504)
            case FaultKind.DELAY:
                await asyncio.sleep(fault.seconds if fault.accepted else 0)
                return web.Response(status=status, body=content, headers=headers)
            case FaultKind.DRIP:
                return await _drip(request, status, headers, content, fault.seconds)
            case kind if kind in _LISTS:
                return web.Response(status=status, body=_disturbed_list(fault, content), headers=headers)
            case FaultKind.LAG:
                earliest = self._world.clock.now_ms() - int(fault.seconds * 1000)
                status, content = _older(status, content, earliest)
                row["status"] = status
                return web.Response(status=status, body=content, headers=headers)
            case FaultKind.TRUNCATE:
                return await _truncate(request, status, headers, content)
            case _:
                response = _replacement(fault)
                row.update(status=response.status, **_wait_asked(response.headers))
                return response

    def _answer_never(self, incoming: _Incoming, fault: Fault, row: dict[str, Any]) -> web.Response:
        """Close without an answer; the request arrives later."""
        row.update(outcome=fault.kind.value, carried_out=True)
        came_ms = self._world.clock.now_ms() if fault.accepted else None
        self._late.add(task := asyncio.create_task(self._carry_out_late(incoming, fault, row, came_ms)))
        task.add_done_callback(self._late.discard)
        abort(incoming.request, reset=False)
        return web.Response(status=503)

    async def _carry_out_late(
        self, incoming: _Incoming, fault: Fault, row: dict[str, Any], came_ms: int | None
    ) -> None:
        """The request was on its way for long: it arrives when its sender has given up."""
        await asyncio.sleep(fault.seconds)
        row["status"], _, _ = self._carry_out(incoming, came_ms)


def _told_from(venue: str, refusal: VenueRefusal, address: str) -> VenueRefusal:
    """USD-M tells a client whose key it does not take by which address it came; spot does not."""
    if venue == "binanceusdm" and refusal.code == REJECTED_KEY.code:
        words = f"{refusal.message.rstrip('.')}, request ip: {address}"
        return VenueRefusal(refusal.code, words, refusal.status, refusal.headers)
    return refusal


def _replacement(fault: Fault) -> web.Response:
    """The answer that a fault gives instead of the true one."""
    match fault.kind:
        case FaultKind.HTML:
            return web.Response(body=_HTML, content_type="text/html")
        case FaultKind.EMPTY:
            return web.Response(body=b"", headers={"Content-Type": _JSON})
        case FaultKind.RATE_LIMIT | FaultKind.BAN:
            status = 429 if fault.kind is FaultKind.RATE_LIMIT else 418
            refusal = VenueRefusal(-1003, "Too many requests.", status)
            retry = {"Retry-After": str(int(fault.seconds)), "Content-Type": _JSON}
            return web.Response(status=status, body=orjson.dumps(refusal.body()), headers=retry)
        case FaultKind.REFUSE:
            refused = VenueRefusal(fault.code, fault.body or "Armed by the control port.")
            return web.Response(
                status=400, body=orjson.dumps(refused.body()), headers={"Content-Type": _JSON}
            )
        case _:
            headers = {"Content-Type": _JSON, **fault.headers}
            return web.Response(status=fault.status, body=fault.body.encode(), headers=headers)


def _wait_asked(headers: Mapping[str, str]) -> dict[str, float]:
    """What a refusal asks of the whole address, for the ledger; {} where it asks nothing."""
    wait = headers.get("Retry-After")
    return {} if wait is None else {"retry_after_s": float(wait)}


def _disturbed_list(fault: Fault, content: bytes) -> bytes:
    """A list answer turned round, without its last row or any, or with its first row twice."""
    rows = orjson.loads(content)
    if not isinstance(rows, list) or not rows:
        return content
    if fault.kind is FaultKind.LIST_EMPTY:
        rows.clear()
    elif fault.kind is FaultKind.LIST_SHUFFLE:
        rows.reverse()
    elif fault.kind is FaultKind.LIST_SHORT:
        rows.pop()
    else:
        rows.append(rows[0])
    return orjson.dumps(rows)


def _older(status: int, content: bytes, earliest_ms: int) -> tuple[int, bytes]:
    """An answer about orders or trades without those made since; -2013 for a single order."""
    found = orjson.loads(content)
    if isinstance(found, list):
        return status, orjson.dumps([row for row in found if _made_ms(row) < earliest_ms])
    if status == 200 and _made_ms(found) >= earliest_ms:
        return 400, orjson.dumps(VenueRefusal(-2013, "Order does not exist.").body())
    return status, content


def _made_ms(row: Any) -> int:
    return int(row.get("time") or row.get("createTime") or 0) if isinstance(row, dict) else 0


async def _until_gone(request: web.BaseRequest) -> None:
    """Wait until the client has given up; the server framework tells of that only by its transport."""
    for _ in range(_LONGEST_STALL):
        if request.transport is None or request.transport.is_closing():
            return
        await asyncio.sleep(_GONE_CHECK_S)


async def _truncate(
    request: web.BaseRequest, status: int, headers: dict[str, str], content: bytes
) -> web.StreamResponse:
    """Announce the whole body, send half of it, and end the connection."""
    response = web.StreamResponse(status=status, headers={**headers, "Content-Length": str(len(content))})
    await response.prepare(request)
    await response.write(content[: len(content) // 2])
    if request.transport is not None:
        request.transport.close()
    return response


async def _drip(
    request: web.BaseRequest, status: int, headers: dict[str, str], content: bytes, seconds: float
) -> web.StreamResponse:
    """Send the body in many small pieces over `seconds`."""
    response = web.StreamResponse(status=status, headers={**headers, "Content-Length": str(len(content))})
    await response.prepare(request)
    pieces = max(1, min(len(content), 50))
    size = -(-len(content) // pieces)
    for start in range(0, len(content), size):
        await response.write(content[start : start + size])
        await asyncio.sleep(seconds / pieces)
    await response.write_eof()
    return response
