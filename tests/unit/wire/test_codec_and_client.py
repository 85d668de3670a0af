"""Messages survive the wire, junk does not pass for them, and a client tells why it is alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from hedge_tui.domain.errors import EngineUnreachable
from hedge_tui.wire import messages as m
from hedge_tui.wire.client import EngineClient, RequestRefused
from hedge_tui.wire.codec import MAX_BYTES, WireError, decode_client, decode_server, encode, read_frame
from hedge_tui.wire.replica import Replica, Table
from hedge_tui.wire.topics import COLUMNS

ROW = m.LegRow("place", "desk-1", "v:B/Q:Q", "buy", "limit", "1", "2", "", "2", "0", "opens", "9", "", "", "")
FROM_CLIENT = [
    m.Hello(1, "0.1", "console", 42),
    m.Subscribe(("orders", "book:binance:BTC/USDT")),
    m.Submit(1, "buy 1btc BTC.p — §", "desk-1", "binance:BTC/USDT", ("a", "b"), "cli"),
    m.Confirm(2, "ff", wait=True),
    m.Query(3, "orders", {"working": False, "count": 5}),
    m.TakeLock(4, force=True),
    m.Unlock(5, "open sesame"),
]
FROM_SERVER = [
    m.Welcome(1, "0.1", 7, "console-1", "/data", "USDT", True, "", ("sandbox",)),
    m.Goodbye("bye"),
    m.Preview(1, "h", "t", "1 order", (ROW,), (("desk-1", 1, "2", "0"),), ("w",), 1, 10.0),
    m.Result(2, "run", 1, (m.LegResult("a", "i", "c", "v", "filled", "1", "2", ""),)),
    m.Done(3, "text", {"scope": "desk-1"}),
    m.Reply(4, [{"a": None}]),
    m.Failure(5, "command", "no", (1, 2), "hint", ("r",)),
    m.Frame(6, 7, [m.Delta("orders", True, [["id", 1, 2.5]], ["gone"], {"x": b"\x00"})], 3),
    m.Notice(8, "alarm", "panic", "pressed"),
]


def body(message: object) -> bytes:
    return encode(message)[4:]


@pytest.mark.parametrize("message", FROM_CLIENT, ids=lambda x: type(x).__name__)
def test_a_clients_message_survives(message: m.ClientMessage) -> None:
    assert decode_client(body(message)) == message
    with pytest.raises(WireError):
        decode_server(body(message))


@pytest.mark.parametrize("message", FROM_SERVER, ids=lambda x: type(x).__name__)
def test_an_engines_message_survives(message: m.ServerMessage) -> None:
    assert decode_server(body(message)) == message
    with pytest.raises(WireError):
        decode_client(body(message))


@pytest.mark.parametrize("junk", [b"", b"\xc1", b"{}", b"\x81\xa4type\xa4nope", body(m.Confirm(1, "x"))[:-1]])
def test_junk_is_no_message(junk: bytes) -> None:
    with pytest.raises(WireError, match="not a message"):
        decode_client(junk)


def test_a_passphrase_is_not_shown() -> None:
    assert "sesame" not in repr(m.Unlock(1, "open sesame"))
    assert "sesame" not in f"{m.Unlock(1, 'open sesame')}"


async def test_an_absurd_length_is_refused_before_it_is_read() -> None:
    reader = asyncio.StreamReader()
    reader.feed_data((MAX_BYTES + 1).to_bytes(4, "big"))
    with pytest.raises(WireError, match="over the limit"):
        await read_frame(reader)


# -- replica


def test_a_table_tells_what_changed_since_it_was_asked() -> None:
    table = Table("orders")
    table.apply(m.Delta("orders", full=True, rows=[["a", 1], ["b", 2]]))
    assert table.take_changes() == (None, [])
    table.apply(m.Delta("orders", rows=[["c", 3]], removed=["a"]))
    table.apply(m.Delta("orders", rows=[["a", 4]], removed=["c", "never there"]))
    changed, removed = table.take_changes()
    assert changed == ["a"]
    assert set(removed) == {"c", "never there"}
    assert table.rows == {"a": ["a", 4], "b": ["b", 2]}
    assert table.take_changes() == ([], [])


def test_a_replica_forgets_what_is_not_followed() -> None:
    replica = Replica()
    replica.apply(m.Frame(1, 1, [m.Delta("orders", True, [["a"]]), m.Delta("fills", True, [["b"]])], 4))
    replica.forget({"fills"})
    assert set(replica.tables) == {"fills"}
    assert replica.skipped == 4
    assert replica.table("orders").columns == COLUMNS["orders"]


def test_every_table_names_its_key_first_and_no_column_twice() -> None:
    for topic, columns in COLUMNS.items():
        assert len(set(columns)) == len(columns), topic


# -- client

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
WELCOME = m.Welcome(m.PROTOCOL, "0.1", 7, "console-1", "", "USDT", False, "", ())


class Engine:
    """A socket that answers as a test says."""

    def __init__(self, path: Path, talk: Talk) -> None:
        self.path, self._talk = path, talk

    async def __aenter__(self) -> Path:
        self._server = await asyncio.start_unix_server(self._serve, str(self.path))
        return self.path

    async def __aexit__(self, *_: object) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await self._talk(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


async def welcome(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_frame(reader)
    writer.write(encode(WELCOME))


@pytest.fixture
def path(_runtime_dir: Path) -> Path:
    return _runtime_dir / "fake.sock"


async def test_nobody_listens(path: Path) -> None:
    with pytest.raises(EngineUnreachable, match="no engine answers at"):
        await EngineClient().connect(path.with_name("none.sock"))


async def test_an_engine_that_never_answers_is_given_up(path: Path) -> None:
    async def silent(_reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(5)

    async with Engine(path, silent) as at:
        with pytest.raises(EngineUnreachable):
            await EngineClient().connect(at, timeout_s=0.1)


async def test_a_goodbye_is_handed_on(path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_frame(reader)
        writer.write(encode(m.Goodbye("update the console")))

    async with Engine(path, talk) as at:
        with pytest.raises(EngineUnreachable, match="update the console"):
            await EngineClient().connect(at)


async def test_answers_may_come_in_any_order_and_unasked_ones_are_ignored(path: Path) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        first, second = [decode_client(await read_frame(reader)) for _ in range(2)]
        writer.write(encode(m.Reply(999, "nobody asked")))
        writer.write(encode(m.Reply(second.id, "second")))  # type: ignore[union-attr]
        writer.write(encode(m.Failure(first.id, "command", "no")))  # type: ignore[union-attr]
        await reader.read()

    async with Engine(path, talk) as at:
        client = EngineClient()
        await client.connect(at)
        one, two = await asyncio.gather(client.query("a"), client.query("b"), return_exceptions=True)
        assert isinstance(one, RequestRefused)
        assert two == "second"
        await client.close()


@pytest.mark.parametrize("last", [b"", b"\x00\x00\x00\x02\xc1\xc1"])
async def test_who_waits_is_told_when_the_engine_goes(path: Path, last: bytes) -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await welcome(reader, writer)
        await read_frame(reader)
        writer.write(last)

    async with Engine(path, talk) as at:
        client = EngineClient()
        reasons: list[str] = []
        client.on_closed = reasons.append
        await client.connect(at)
        with pytest.raises(EngineUnreachable):
            await client.query("status")
        assert len(reasons) == 1
        assert not client.connected
        with pytest.raises(EngineUnreachable):
            await client.submit("buy 1btc BTC.p")
