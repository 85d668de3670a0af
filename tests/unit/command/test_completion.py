"""What is offered where."""

from __future__ import annotations

import pytest

from hedge_tui.command import Vocabulary, complete

VOCABULARY = Vocabulary(
    accounts=("desk-1", "desk-2"),
    groups=("core",),
    tags=("scalp",),
    venues=("binance",),
    symbols=("BTC.p", "BTC.s", "ETH.p", "BTC/USDT:USDT", "binance:BTC/USDT", "1000PEPE.p"),
    aliases=("dip",),
    settings=("theme", "fps"),
    drawings=("TL3",),
    watchers=("dip-alarm",),
    runs=("9b1c",),
    views=("carry",),
)


def offered(text: str) -> list[str]:
    return [completion.text for completion in complete(text, len(text), VOCABULARY)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("b", ["buy"]),
        ("can", ["cancel"]),
        ("di", ["disarm", "dip"]),
        ("@", ["desk-1", "desk-2", "core", "#scalp", "binance", "all"]),
        ("@desk-1,de", ["desk-1", "desk-2"]),
        ("@desk-1, co", ["core"]),
        ("@#", ["#scalp"]),
        ("@core pan", ["panic"]),
        ("view ", ["carry", "save", "list", "remove"]),
        ("view remove ", ["carry"]),
        ("view list ", []),
        ("buy 500", ["500usd", "500usdt", "500%free", "500%eq", "500%pos"]),
        ("buy 500us", ["500usd", "500usdt", "500usdc"]),
        ("buy 0.5b", ["0.5btc"]),
        ("buy 10%", ["10%free", "10%eq", "10%pos"]),
        ("buy 10% f", ["free"]),
        ("buy 2k us", ["usd", "usdt", "usdc"]),
        ("buy r", ["risk:"]),
        ("buy 500usd/sp", ["/split", "/split:acct", "/split:sym", "/split:eq", "/split:weight"]),
        ("buy 500usd /e", ["/each", "/each:acct", "/each:sym"]),
        ("buy 500usd btc", ["BTC.p", "BTC.s", "BTC/USDT:USDT", "binance:BTC/USDT"]),
        ("buy 2k usd BTC.p,et", ["ETH.p"]),
        ("buy 500usd PEPE", ["1000PEPE.p"]),
        ("buy 500usd BTC.p a", ["at"]),
        ("buy 500usd BTC.p at m", ["mid", "mark"]),
        ("buy 500usd BTC.p at line:", ["TL3"]),
        ("buy 500usd BTC.p at bid po", ["post"]),
        ("buy 500usd BTC.p at bid at", []),
        ("buy 500usd BTC.p post i", ["iceberg", "iso"]),
        ("buy 500usd BTC.p sl 4%@", ["mark", "last"]),
        ("buy 500usd BTC.p scale ", []),
        ("buy 500usd BTC.p scale 20 ", ["from"]),
        ("buy 500usd BTC.p scale 20 from mid ", ["to"]),
        ("buy 500usd BTC.p scale 20 from mid to bid g", ["geo", "gtd:"]),
        ("buy 500usd BTC.p twap 12 ", ["over"]),
        ("buy 500usd BTC.p twap 12 over 1", ["15m", "1h", "1d"]),
        ("buy 500usd BTC.p twap 12 over 1h j", ["jitter"]),
        ("buy 500usd BTC.p gtd:1", ["15m", "1h", "1d"]),
        ("buy 500usd BTC.p stop:ma", ["mark"]),
        ("buy 500usd BTC.p l", ["lev:", "long"]),
        ("cancel b", ["buys", "BTC.p", "BTC.s", "BTC/USDT:USDT", "binance:BTC/USDT"]),
        ("cancel BTC.p ", ["buys", "sells"]),
        ("cancel run", ["run:9b1c"]),
        ("amend #3 ", ["to", "at"]),
        ("amend #3 at la", ["last"]),
        ("close lo", ["longs"]),
        ("close BTC.p 5", ["50%"]),
        ("close BTC.p 50% ch", ["chase"]),
        ("hedge b", ["BTC"]),
        ("equalise ", ["run:9b1c"]),
        ("panic ", ["flat", "stop"]),
        ("arm 5m ", ["cap"]),
        ("lev BTC.p 5 ", ["iso", "cross"]),
        ("margin BTC.p a", ["add"]),
        ("alarm remove ", ["dip-alarm", "all"]),
        ("alarm close > 5 o", ["on", "once"]),
        ("alarm close > 5 on e", ["ETH.p"]),
        ("alarm close > 5 do { pan", ["panic"]),
        ("rule x ", ["when"]),
        ("note fine #", ["#scalp"]),
        ("draw hl", ["hline"]),
        ("draw remove ", ["TL3"]),
        ("chart 1", ["1m", "15m", "1h", "1d", "1w", "1mo", "1000PEPE.p"]),
        ("watch off e", ["ETH.p"]),
        ("account co", ["core"]),
        ("session ", ["start"]),
        ("set th", ["theme"]),
        ("alias remove ", ["dip"]),
        ("help pri", ["price"]),
        ("cancel all ; pan", ["panic"]),
        ("buy 500usd BTC.p then se", ["sell", "session", "set"]),
        ('note "buy', []),
        ("nonsense ", []),
    ],
)
def test_offered(text: str, expected: list[str]) -> None:
    assert offered(text) == expected


def test_the_replacement_covers_what_was_typed_of_the_word() -> None:
    text = "buy 500usd BTC.p,et at bid"
    [completion] = complete(text, 19, VOCABULARY)
    assert (
        text[: completion.start] + completion.text + text[completion.end :] == "buy 500usd BTC.p,ETH.p at bid"
    )


def test_verbs_come_with_their_meaning() -> None:
    [completion] = complete("pan", 3, VOCABULARY)
    assert completion.kind == "command"
    assert completion.meaning == "cancel every entry on every account at once"


def test_at_most_fifty_are_offered() -> None:
    many = Vocabulary(symbols=tuple(f"C{number}.p" for number in range(2_000)))
    assert len(complete("buy 500usd C", 12, many)) == 50


@pytest.mark.parametrize(
    ("text", "offered"),
    [
        ("sca", ["scalp"]),
        ("scalp ", ["500usd", "1kusd"]),
        ("@desk-1 scalp ", ["500usd", "1kusd"]),
        ("scalp 500usd ", ["BTC.p", "ETH.p"]),
        ("scalp 500usd E", ["ETH.p"]),
        ("scalp 500usd BTC.p ", []),
        ("buy ", ["500usd", "1kusd"]),
    ],
)
def test_an_alias_offers_what_may_stand_in_the_place_of_its_parameter(text, offered):
    vocabulary = Vocabulary(
        aliases=("scalp",),
        alias_lines={"scalp": "buy $1 $2 at bid post"},
        symbols=("BTC.p", "ETH.p"),
        sizes=("500usd", "1kusd"),
    )
    found = [one.text for one in complete(text, len(text), vocabulary)]
    assert found[: max(1, len(offered))] == offered
    assert all(complete(text, len(text), vocabulary)[0].start >= 0 for _ in found)
