"""The socket: handshake, lock, slow readers, frames; and that every replica equals the whole truth."""

from __future__ import annotations

import asyncio
import os
import random
import struct
from pathlib import Path

import pytest
from paper_desk import PaperDesk, desk_accounts, paper_desk

import hedge_tui
from hedge_tui.domain.errors import EngineUnreachable
from hedge_tui.engine import server as server_module
from hedge_tui.wire import messages as m
from hedge_tui.wire.client import EngineClient, RequestRefused
from hedge_tui.wire.codec import MAX_BYTES, decode_server, encode, read_frame
from hedge_tui.wire.topics import COLUMNS


@pytest.fixture
async def desk(tmp_path: Path):
    async with paper_desk(tmp_path, accounts=desk_accounts(1), count=6) as running:
        yield running


async def client_of(desk: PaperDesk, kind: str = "console") -> EngineClient:
    client = EngineClient(kind)
    await client.connect(desk.socket)
    return client


async def raw(desk: PaperDesk):
    return await asyncio.open_unix_connection(str(desk.socket))


async def goodbye(reader: asyncio.StreamReader) -> str:
    answer = decode_server(await asyncio.wait_for(read_frame(reader), 2))
    assert isinstance(answer, m.Goodbye)
    return answer.reason


async def until(condition, limit_s: float = 5.0) -> None:
    async with asyncio.timeout(limit_s):
        while not condition():  # noqa: ASYNC110 - a socket is between the two
            await asyncio.sleep(0.01)


# -- handshake


@pytest.mark.parametrize(("protocol", "older"), [(m.PROTOCOL + 1, "engine"), (0, "console")])
async def test_another_protocol_is_refused_in_words(desk: PaperDesk, protocol: int, older: str) -> None:
    reader, writer = await raw(desk)
    writer.write(encode(m.Hello(protocol, "9.9", "console", 1)))
    reason = await goodbye(reader)
    assert "9.9" in reason
    assert hedge_tui.__version__ in reason
    assert f"update the {older}" in reason
    assert await reader.read() == b""
    writer.close()


async def test_the_first_message_must_be_a_hello(desk: PaperDesk) -> None:
    reader, writer = await raw(desk)
    writer.write(encode(m.Subscribe(("orders",))))
    assert "hello" in await goodbye(reader)
    writer.close()


@pytest.mark.parametrize(
    "junk",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        struct.pack(">I", MAX_BYTES + 1),
        struct.pack(">I", 4) + b"\xff\xff\xff\xff",
        b"\x00\x00",
        random.Random(7).randbytes(4096),
    ],
    ids=["a web browser", "too long", "no msgpack", "cut short", "noise"],
)
async def test_garbage_ends_only_its_own_connection(desk: PaperDesk, junk: bytes) -> None:
    good = await client_of(desk)
    for first in (b"", encode(m.Hello(m.PROTOCOL, "x", "cli", 1))):
        reader, writer = await raw(desk)
        writer.write(first + junk)
        writer.write_eof()
        await asyncio.wait_for(reader.read(), 3)
        writer.close()
    assert (await good.query("status"))["working_orders"] == 0
    await good.close()


async def test_a_client_that_says_nothing_is_let_go(desk: PaperDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "HANDSHAKE_S", 0.1)
    reader, writer = await raw(desk)
    assert await asyncio.wait_for(reader.read(), 2) == b""
    writer.close()


async def test_another_user_is_refused(desk: PaperDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "peer_uid", lambda _writer: os.getuid() + 1)
    reader, writer = await raw(desk)
    assert "may not use the engine" in await goodbye(reader)
    writer.close()


async def test_the_socket_belongs_to_this_user_alone(desk: PaperDesk) -> None:
    assert desk.socket.stat().st_mode & 0o777 == 0o600
    _, writer = await raw(desk)
    assert server_module.peer_uid(writer) == os.getuid()
    writer.close()


# -- lock


async def test_a_second_console_reads_only_until_it_takes_over(desk: PaperDesk) -> None:
    first, second, shell = await client_of(desk), await client_of(desk), await client_of(desk, "cli")
    told: list[m.Notice] = []
    first.on_notice = told.append
    assert second.welcome.lock_holder == first.welcome.client_name
    preview = await second.submit("@desk-1 buy 0.1btc BTC.p at bid-1%")
    assert isinstance(preview, m.Preview)
    with pytest.raises(RequestRefused) as refused:
        await second.confirm(preview.hash)
    assert refused.value.failure.kind == "read_only"
    assert first.welcome.client_name in refused.value.failure.message
    with pytest.raises(RequestRefused, match="holds the trading lock"):
        await second.take_lock()
    # A command line is not held up, and panic needs no lock.
    once = await shell.submit("@desk-1 buy 0.1btc BTC.p at bid-1%")
    assert isinstance(once, m.Preview)
    assert (await shell.confirm(once.hash, wait=True)).legs[0].status == "live"
    assert isinstance(await second.submit("panic"), m.Done)
    await second.take_lock(force=True)
    await until(lambda: any("took the trading lock over" in n.text for n in told))
    preview = await second.submit("@desk-1 buy 0.1btc BTC.p at bid-1%")
    assert isinstance(preview, m.Preview)
    assert (await second.confirm(preview.hash)).sent == 1
    stale = await first.submit("@desk-1 buy 0.1btc BTC.p at bid-1%")
    assert isinstance(stale, m.Preview)
    with pytest.raises(RequestRefused, match="read-only"):
        await first.confirm(stale.hash)
    for client in (first, second, shell):
        await client.close()


async def test_the_lock_is_free_when_its_holder_has_gone(desk: PaperDesk) -> None:
    first = await client_of(desk)
    await first.close()
    await until(lambda: desk.engine.server.clients == 0)  # type: ignore[union-attr]
    second = await client_of(desk)
    assert second.welcome.lock_holder == second.welcome.client_name
    await second.close()


async def test_a_preview_is_confirmed_once_by_its_own_client_in_time(desk: PaperDesk) -> None:
    one, two = await client_of(desk, "cli"), await client_of(desk, "cli")
    preview = await one.submit("@desk-1 buy 0.1btc BTC.p at bid-1%")
    assert isinstance(preview, m.Preview)
    with pytest.raises(RequestRefused, match="no such preview"):
        await two.confirm(preview.hash)
    assert (await one.confirm(preview.hash)).sent == 1
    with pytest.raises(RequestRefused, match="confirmed already"):
        await one.confirm(preview.hash)
    for client in (one, two):
        await client.close()


# -- frames


async def test_everything_first_then_only_what_changed(desk: PaperDesk) -> None:
    client = await client_of(desk)
    frames: list[m.Frame] = []
    apply = client.replica.apply

    def keep(frame: m.Frame) -> list[str]:
        frames.append(frame)
        return apply(frame)

    client.replica.apply = keep  # type: ignore[method-assign]
    client.follow("orders", "accounts")
    await until(lambda: client.replica.table("accounts").rows)
    first = {d.topic: d.full for f in frames for d in f.deltas}
    assert first["accounts"]
    frames.clear()
    preview = await client.submit("@desk-1 buy 0.1btc BTC.p at bid-1%")
    await client.confirm(preview.hash, wait=True)  # type: ignore[union-attr]
    await until(lambda: client.replica.table("orders").rows)
    changes = [d for f in frames for d in f.deltas]
    assert not any(d.full for d in changes)
    assert {len(d.rows) for d in changes if d.topic == "orders"} == {1}
    await client.close()


async def test_no_more_than_thirty_frames_a_second(desk: PaperDesk) -> None:
    client = await client_of(desk)
    client.follow(*COLUMNS)
    await until(lambda: client.replica.table("instruments").rows)
    loop = asyncio.get_running_loop()
    begun, seq = loop.time(), client.replica.seq
    market = desk.engine.desk.markets
    while loop.time() - begun < 1.0:
        market.changed.update(market.instruments)
        for row in market.stats:
            market.stats[row] = market.stats[row]
        await asyncio.sleep(0.001)
    rate = (client.replica.seq - seq) / (loop.time() - begun)
    assert rate <= 33
    await client.close()


async def test_a_slow_reader_is_skipped_and_then_gets_one_frame_with_the_newest(
    desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MAX_BUFFERED", 10_000)
    reader, writer = await raw(desk)
    writer.write(encode(m.Hello(m.PROTOCOL, "x", "console", 1)))
    await read_frame(reader)
    writer.write(encode(m.Subscribe(tuple(COLUMNS))))
    await read_frame(reader)
    (session,) = desk.engine.server._sessions.values()  # type: ignore[union-attr]
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    largest = 0
    for i in range(400):
        for name in desk.engine.desk.accounts:
            desk.engine.desk.note("info", "test", f"note {i} {'x' * 500}", name)
        desk.engine.server.tick(float(i))  # type: ignore[union-attr]
        largest = max(largest, session.buffered)
        if i % 50 == 0:
            await asyncio.sleep(0)
    assert session.skipped > 100
    assert largest < 10_000 + 2_000_000
    follower = session.follower
    waiting = sum(len(keys) for keys in (*follower.changed.values(), *follower.removed.values()))
    assert waiting < 5_000
    reader._transport.resume_reading()  # type: ignore[attr-defined]
    skipped = 0
    newest = ""
    async with asyncio.timeout(5):
        while not skipped:
            message = decode_server(await read_frame(reader))
            if isinstance(message, m.Frame):
                skipped = message.skipped
                rows = [row for d in message.deltas if d.topic == "log" for row in d.rows]
                newest = rows[-1][-1] if rows and skipped else newest
    assert "note 399" in newest or any("note 399" in row[-1] for row in rows)
    writer.close()


async def test_a_thousand_changes_of_mind_leave_nothing_behind(desk: PaperDesk) -> None:
    client = await client_of(desk)
    topics = list(COLUMNS)
    for i in range(1_000):
        client.follow(*topics[: i % len(topics) + 1])
    client.follow("accounts")
    await until(lambda: client.replica.table("accounts").rows)
    (session,) = desk.engine.server._sessions.values()  # type: ignore[union-attr]
    await until(lambda: session.follower.topics == {"accounts"})
    assert session.follower.full <= {"accounts"}
    await client.close()
    await until(lambda: not desk.engine.server._sessions)  # type: ignore[union-attr]
    assert not desk.engine.board._followers


async def test_a_query_takes_nothing_away_from_those_who_follow(desk: PaperDesk) -> None:
    client, shell = await client_of(desk), await client_of(desk, "cli")
    client.follow("instruments", "portfolio", "log")
    await until(lambda: client.replica.table("portfolio").rows)
    revision = client.replica.table("portfolio").revision
    for _ in range(20):
        await shell.query("portfolio")
        await shell.query("markets")
        desk.engine.desk.note("info", "test", "hello")
        await asyncio.sleep(0.02)
    preview = await shell.submit("@desk-1 buy 0.1btc BTC.p")
    await shell.confirm(preview.hash, wait=True)  # type: ignore[union-attr]
    await until(lambda: client.replica.table("portfolio").revision > revision + 1)
    board = desk.engine.board
    await until(
        lambda: _same(client.replica.table("log").rows, {r[0]: r for r in board.rows("log")}),
    )
    for each in (client, shell):
        await each.close()


async def test_a_flood_of_requests_is_answered_a_few_at_a_time(desk: PaperDesk) -> None:
    reader, writer = await raw(desk)
    writer.write(encode(m.Hello(m.PROTOCOL, "x", "cli", 1)))
    await read_frame(reader)
    writer.write(b"".join(encode(m.Query(i, "status")) for i in range(2_000)))
    (session,) = desk.engine.server._sessions.values()  # type: ignore[union-attr]
    answered: set[int] = set()
    most = 0
    async with asyncio.timeout(20):
        while len(answered) < 2_000:
            message = decode_server(await read_frame(reader))
            answered.add(message.id)  # type: ignore[union-attr]
            most = max(most, len(session.tasks))
    assert most <= server_module.MAX_REQUESTS
    writer.close()


async def test_a_client_that_never_reads_its_answers_is_let_go(
    desk: PaperDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "MAX_UNREAD", 100_000)
    reader, writer = await raw(desk)
    writer.write(encode(m.Hello(m.PROTOCOL, "x", "cli", 1)))
    await read_frame(reader)
    reader._transport.pause_reading()  # type: ignore[attr-defined]
    writer.write(b"".join(encode(m.Query(i, "markets")) for i in range(2_000)))
    await until(lambda: not desk.engine.server._sessions)  # type: ignore[union-attr]
    writer.close()


async def test_the_engine_says_goodbye(tmp_path: Path) -> None:
    async with paper_desk(tmp_path, accounts=desk_accounts(1), count=3) as desk:
        client = await client_of(desk)
        reasons: list[str] = []
        client.on_closed = reasons.append
    await until(lambda: reasons)
    assert reasons == ["the engine stops"]
    with pytest.raises(EngineUnreachable, match="the engine stops"):
        await client.query("status")
    assert not desk.socket.exists()


def _same(ours: dict[str, list[object]], theirs: dict[str, list[object]]) -> bool:
    return repr(sorted(ours.items())) == repr(sorted(theirs.items()))
