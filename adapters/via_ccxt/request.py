"""One HTTP request for a ccxt instance: done by us, so that we know how far it came. Used by `instance`.

Takes the place of ccxt's own `fetch`, whose errors quote the signed URL and whose log quotes the headers.
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import aiohttp
import yarl

from adapters.via_ccxt.attempt import Stage
from adapters.via_ccxt.errors import venue_code

if TYPE_CHECKING:
    from adapters.via_ccxt.attempt import Attempt

_TOO_MANY = 429
_UNSERVED = frozenset({403, 451})
"""The venue, or the guard before it, serves this address not at all, or not for a while."""
_UNSERVED_S = 600.0
"""Bybit takes an address that asked too often up again after ten minutes without a request from it."""
_BODY_LIMIT = 96 * 1024 * 1024


async def request(instance: Any, attempt: Attempt, url: str, headers: Any, body: Any) -> str:
    """Do one HTTP request and give its body; the attempt knows how far it came.

    Raises:
        ccxt's NetworkError or a subclass: no complete answer; the message has neither query nor headers.
    """
    seconds = instance.timeout / 1000
    timeout = aiohttp.ClientTimeout(total=seconds, sock_connect=seconds, sock_read=seconds)
    data = body.encode() if isinstance(body, str) else body
    what = f"{instance.id} {attempt.method} {urlsplit(url).path}"
    try:
        began = time.monotonic()
        async with instance.sessions.over(attempt.route).request(
            attempt.method,
            yarl.URL(url, encoded=True),
            data=data or None,
            headers=instance.prepare_request_headers(headers),
            timeout=timeout,
            allow_redirects=False,
            trace_request_ctx=attempt,
        ) as response:
            attempt.stage = Stage.HEAD
            attempt.status = response.status
            attempt.headers = dict(response.headers)
            _tell(instance, attempt, time.monotonic() - began)
            if response.status != _TOO_MANY:
                instance.desk.heard(attempt, response.status)
                text = await _body(response)
            else:
                text = await _turned_away(instance, attempt, response)
    except TimeoutError as error:
        if attempt.stage is Stage.SENT:
            instance.desk.went(attempt.route, seconds, f"no answer in {seconds:g} s", dial=False)
        raise _ccxt_error("RequestTimeout")(f"{what}: timed out after {seconds:g} s") from error
    except aiohttp.ClientConnectionError as error:
        raise _ccxt_error("ExchangeNotAvailable")(f"{what}: {_short(error)}") from error
    except (aiohttp.ClientError, ConnectionError) as error:
        raise _ccxt_error("NetworkError")(f"{what}: {_short(error)}") from error
    attempt.stage = Stage.ANSWERED
    attempt.body = text
    return text


def _tell(instance: Any, attempt: Attempt, took_s: float) -> None:
    """How the route fared: an address that the venue does not serve is no better than a dead one."""
    unserved = attempt.status in _UNSERVED and not instance.sessions.keyed
    problem = f"HTTP {attempt.status}: the venue does not serve this address" if unserved else ""
    pause_s = _UNSERVED_S if unserved else 0.0
    instance.desk.went(attempt.route, took_s, problem, dial=unserved, pause_s=pause_s)


async def _turned_away(instance: Any, attempt: Attempt, response: aiohttp.ClientResponse) -> str:
    """The body of a 429: its code says whose count was full, and the pacer hears of it either way."""
    text = ""
    try:
        text = await _body(response)
    finally:
        instance.desk.heard(attempt, response.status, venue_code(instance.parse_json(text)))
    return text


async def _body(response: aiohttp.ClientResponse) -> str:
    """The body as text; a venue that never stops talking is cut off."""
    chunks: list[bytes] = []
    size = 0
    async for chunk in response.content.iter_any():
        size += len(chunk)
        if size > _BODY_LIMIT:
            raise aiohttp.ClientPayloadError(f"a body of more than {_BODY_LIMIT} bytes")
        chunks.append(chunk)
    raw = b"".join(chunks)
    with contextlib.suppress(UnicodeDecodeError):
        return raw.decode().strip()
    return raw.decode("latin-1").strip()


def _short(error: BaseException) -> str:
    return f"{type(error).__name__} {error}".strip()


def _ccxt_error(name: str) -> type[Exception]:
    """A class of ccxt's own tree: its venue code catches those."""
    from ccxt.base import errors

    found: type[Exception] = getattr(errors, name)
    return found
