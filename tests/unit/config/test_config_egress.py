"""Routes in the file: what is accepted, and how each mistake is told."""

from __future__ import annotations

from pathlib import Path

import pytest

from hedge_tui.config import parse
from hedge_tui.config.egress import routes_of
from hedge_tui.domain.errors import ConfigError
from hedge_tui.domain.route import DIRECT, Route, RouteKind, routes_for_key

FILE = Path("desk.toml")
LIVE = '[[accounts]]\nname = "main"\nvenue = "binanceusdm"\nmode = "live"\n'
PAPER = '[[accounts]]\nname = "p"\nvenue = "binance"\nmode = "paper"\nbalance = "1 USDT"\n'
PROXY = '[[egress]]\nname = "tokyo"\nkind = "http"\naddress = "proxy.example:3128"\n'
SOURCE = '[[egress]]\nname = "second"\nkind = "source"\naddress = "127.0.0.2"\n'
NOT_TRUSTED = "not trusted; name another as egress, or set trusted = true on it"

MISTAKES = {
    "unknown key": (
        PROXY + "trust = true\n",
        'desk.toml:5: unknown key "trust" in [[egress]]; did you mean "trusted"?',
    ),
    "unknown kind": (
        '[[egress]]\nname = "t"\nkind = "socks4"\n',
        'desk.toml:3: kind is "socks4" (text); write one of: direct, source, http, socks5',
    ),
    "no address": (
        '[[egress]]\nname = "t"\nkind = "socks5"\n',
        'desk.toml:1: egress "t" has kind "socks5" and lacks the key "address", such as "proxy.example:3128"',
    ),
    "no port": (
        PROXY.replace(":3128", ""),
        'desk.toml:4: address is "proxy.example"; write HOST:PORT of the proxy, such as "proxy.example:3128"',
    ),
    "no address of a machine": (
        SOURCE.replace("127.0.0.2", "eth1"),
        'desk.toml:4: address is "eth1"; write an IP address of this machine, such as "203.0.113.7"',
    ),
    "twice": (
        PROXY + PROXY,
        'desk.toml:6: egress "tokyo" is here twice, as entries 1 and 2',
    ),
    "direct by another name": (
        '[[egress]]\nname = "own"\nkind = "direct"\n',
        'desk.toml:2: egress "own" has kind "direct"; name and kind "direct" belong together',
    ),
    "any": (
        PROXY.replace("tokyo", "any"),
        'desk.toml:2: egress "any" would mean every trusted one; rename it',
    ),
    "user without a proxy": (
        SOURCE + 'user = "me"\n',
        'desk.toml:5: egress "second" has kind "source", which asks no user; leave it out',
    ),
    "share above all": (PROXY + "share = 2\n", "desk.toml:5: share is 2, above the most allowed, 1"),
    "account names nothing": (
        PROXY + LIVE + 'egress = "tokio"\n',
        'desk.toml:9: no egress is called "tokio"; did you mean "tokyo"?',
    ),
    "account over a stranger": (
        PROXY + LIVE + 'egress = "tokyo"\n',
        f'desk.toml:9: account "main" would send its key over egress "tokyo", which is {NOT_TRUSTED}',
    ),
    "account over what serves others": (
        PROXY + 'trusted = true\nvenues = ["kraken"]\n' + LIVE + 'egress = "tokyo"\n',
        'desk.toml:11: egress "tokyo" of account "main" does not serve binanceusdm',
    ),
    "the direct way made a stranger": (
        '[[egress]]\nname = "direct"\nkind = "direct"\ntrusted = false\n' + LIVE,
        f'desk.toml:5: account "main" would send its key over egress "direct", which is {NOT_TRUSTED}',
    ),
    "nothing trusted left": (
        '[[egress]]\nname = "direct"\nkind = "direct"\ntrusted = false\n' + LIVE + 'egress = "any"\n',
        "desk.toml:9: no trusted egress serves binanceusdm; set trusted = true on one of yours",
    ),
    "paper": (
        PAPER + 'egress = "direct"\n',
        'desk.toml:6: account "p" has mode "paper" and sends no key; leave out egress "direct"',
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_with_its_line(mistake: str) -> None:
    text, message = MISTAKES[mistake]
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    assert str(caught.value) == message


@pytest.mark.parametrize("line", ['address = "http://me:hunter2@proxy.example:1"', 'user = "me:hunter2"'])
def test_a_password_in_the_file_is_refused_and_not_repeated(line: str) -> None:
    text = f'[[egress]]\nname = "tokyo"\nkind = "http"\n{line}\n'
    if "user" in line:
        text += 'address = "proxy.example:3128"\n'
    with pytest.raises(ConfigError, match="hedge traffic password tokyo") as caught:
        parse(text, FILE)
    assert "hunter2" not in str(caught.value)


def test_routes_are_as_written() -> None:
    settings = parse(
        PROXY + 'user = "me"\ntrusted = true\nshare = 0.5\nvenues = ["binance*"]\n' + SOURCE + LIVE, FILE
    )
    proxy = settings.egress[0]
    assert proxy.vault_entry == "egress.tokyo"
    direct, tokyo, second = routes_of(settings.egress, "binanceusdm")
    assert (direct.name, direct.trusted) == ("direct", True)
    assert (tokyo.host, tokyo.port, tokyo.user) == ("proxy.example", 3128, "me")
    assert (tokyo.trusted, tokyo.share, tokyo.address) == (True, 0.5, "proxy.example:3128")
    assert (second.kind, second.trusted, second.address) == (RouteKind.SOURCE, False, "127.0.0.2")
    assert [one.name for one in routes_of(settings.egress, "kraken")] == ["direct", "second"]


def test_a_key_stays_on_one_address_unless_told_otherwise() -> None:
    settings = parse(PROXY + "trusted = true\n" + SOURCE + LIVE, FILE)
    routes = routes_of(settings.egress, "binanceusdm")
    assert routes_for_key("", routes) == ("direct",)
    assert routes_for_key("tokyo", routes) == ("tokyo",)
    assert routes_for_key("any", routes) == ("direct", "tokyo")
    assert routes_for_key("second", routes) == ()


def test_a_key_that_is_bound_to_addresses_leaves_out_an_address_that_is_not_among_them() -> None:
    own = [Route(f"own-{last}", RouteKind.SOURCE, f"8.8.4.{last}", trusted=True) for last in (1, 2, 3)]
    routes = [DIRECT, *own, Route("inside", RouteKind.SOURCE, "10.0.0.9", trusted=True)]
    unsure = ("direct", "inside")
    assert routes_for_key("any", routes, ()) == ("direct", "own-1", "own-2", "own-3", "inside")
    assert set(routes_for_key("any", routes, ("8.8.4.2",))) == {"own-2", *unsure}
    assert set(routes_for_key("any", routes, ("8.8.4.0/31",))) == {"own-1", *unsure}
    assert routes_for_key("own-3", routes, ("8.8.4.2",)) == ("own-3",), "what is named is taken at its word"


def test_ipv6_proxies_are_written_with_brackets() -> None:
    (one,) = parse(PROXY.replace("proxy.example", "[::1]"), FILE).egress
    assert (one.route().host, one.route().port, one.route().address) == ("::1", 3128, "[::1]:3128")
    with pytest.raises(ConfigError, match="HOST:PORT"):
        parse(PROXY.replace("proxy.example", "::1"), FILE)
