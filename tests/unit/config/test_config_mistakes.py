"""Every mistake in the file is told with file, line, both values and what to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from hedge_tui.config import parse
from hedge_tui.domain.errors import ConfigError

FILE = Path("desk.toml")

SANDBOX = """
[[accounts]]
name = "desk-1"
venue = "binanceusdm"
mode = "sandbox"
connect = "127.0.0.1:18443"
ca_file = "ca.pem"
"""
PAPER = """
[[accounts]]
name = "desk-2"
venue = "binance"
mode = "paper"
balance = "10000 USDT"
"""
A_NUMBER = "write a number such as 2.5, without quotes"
A_ZONE = 'write a name such as "Europe/Berlin" or "UTC"'
A_NAME = 'write letters, digits, ".", "_" and "-", starting with a letter or digit'
AN_ADDRESS = 'write this machine and a port, such as "127.0.0.1:18443"'
AMBIGUOUS = 'is also the name of a venue, a group or "all"'

NO_SWITCH = "whose dead-man switch is not proven; dead_man_s works at binanceusdm"

MISTAKES = {
    "unknown key": (
        "[desk]\n\ntimezon = 1",
        'desk.toml:3: unknown key "timezon" in [desk]; did you mean "timezone"?',
    ),
    "unknown table": ("[dsk]\n", 'desk.toml:1: unknown key "dsk" in the file; did you mean "desk"?'),
    "unknown, nothing near": (
        "[history]\nxyz = 1",
        'desk.toml:2: unknown key "xyz" in [history]; known: backfill_days, record',
    ),
    "text for number": (
        '[console]\nfps = "30"',
        'desk.toml:2: fps is "30" (text); write a whole number such as 30',
    ),
    "fraction for whole number": (
        "[console]\nfps = 29.5",
        "desk.toml:2: fps is 29.5 (a decimal number); write a whole number such as 30",
    ),
    "number for text": (
        "[desk]\ntimezone = 5",
        'desk.toml:2: timezone is 5 (a whole number); write text in quotes such as "BTC"',
    ),
    "quantity that is no number": (
        '[risk]\nmax_order_quantity = { BTC = "5" }',
        f'desk.toml:2: BTC is "5" (text); {A_NUMBER}',
    ),
    "quantity below nothing": (
        "[risk]\nmax_day_quantity = { BTC = -1 }",
        "desk.toml:2: BTC is -1, below the least allowed, 0",
    ),
    "group nobody is in": (
        f"{SANDBOX}groups = ['core']\n[risk.groups.cora]\nmax_leverage = 2",
        'desk.toml:9: no account is in a group called "cora"; did you mean "core"?',
    ),
    "cap above its hard cap": (
        "[risk]\nmax_order_notional = 9000\n[risk.hard]\nmax_order_notional = 8000",
        (
            "desk.toml:2: max_order_notional is 9000, above the hard cap 8000 in [risk.hard];"
            " lower it, or raise that"
        ),
    ),
    "quantity above its hard cap": (
        "[risk.hard]\nmax_order_quantity = { BTC = 1 }\n[risk]\nmax_order_quantity = { BTC = 2, ETH = 9 }",
        "desk.toml:4: BTC is 2, above the hard cap 1 in [risk.hard]; lower it, or raise that",
    ),
    "true for number": (
        "[risk]\nmax_order_count = true",
        "desk.toml:2: max_order_count is true (true or false); write a whole number such as 30",
    ),
    "text for money": (
        '[risk]\nmax_order_notional = "5k"',
        f'desk.toml:2: max_order_notional is "5k" (text); {A_NUMBER}',
    ),
    "not a number": (
        "[risk]\nmax_order_notional = nan",
        f"desk.toml:2: max_order_notional is NaN (a decimal number); {A_NUMBER}",
    ),
    "below the least": (
        "[risk]\nprice_collar_pct = -1",
        "desk.toml:2: price_collar_pct is -1, below the least allowed, 0",
    ),
    "above the most": (
        "[engine]\nframe_rate = 60",
        "desk.toml:2: frame_rate is 60, above the most allowed, 30",
    ),
    "wrong choice": ('[console]\ntheme = "drak"', 'desk.toml:2: theme has "drak"; did you mean "dark"?'),
    "wrong choice in a list": (
        '[console]\npanes = [\n  "chart",\n  "bok"]',
        'desk.toml:2: panes has "bok"; did you mean "book"?',
    ),
    "table for text": (
        "[desk.timezone]",
        'desk.toml:1: timezone is a table; write text in quotes such as "BTC"',
    ),
    "text for list": (
        '[console]\npanes = "chart"',
        'desk.toml:2: panes is "chart" (text); write a list such as ["a", "b"]',
    ),
    "list of numbers": (
        "[venues.binance]\nsymbols = [1]",
        'desk.toml:2: entry 1 of symbols is 1 (a whole number); write text in quotes such as "BTC"',
    ),
    "zone": (
        '[desk]\ntimezone = "Mars/Olympus"',
        f'desk.toml:2: timezone "Mars/Olympus" is not known here; {A_ZONE}',
    ),
    "hour": (
        '[desk]\nday_start = "25:00"',
        'desk.toml:2: day_start is "25:00"; write hours and minutes such as "17:00"',
    ),
    "watchlist": (
        '[console]\nwatchlist = ["BTC/USDT"]',
        'desk.toml:2: watchlist has "BTC/USDT"; write VENUE:SYMBOL such as "binanceusdm:BTC/USDT:USDT"',
    ),
    "mode left out": (
        '[[accounts]]\nname = "a"\nvenue = "binance"',
        'desk.toml:1: [[accounts]] lacks the key "mode"',
    ),
    "mode misspelt": (
        PAPER.replace("paper", "papre"),
        'desk.toml:5: mode is "papre" (text); write one of: live, demo, paper, sandbox',
    ),
    "second of two": (
        SANDBOX + PAPER + "wieght = 2",
        'desk.toml:14: unknown key "wieght" in [[accounts]]; did you mean "weight"?',
    ),
    "same name": (PAPER + PAPER, 'desk.toml:9: account "desk-2" is here twice, as entries 1 and 2'),
    "name of a venue": (
        PAPER.replace("desk-2", "binance"),
        f'desk.toml:3: account "binance" {AMBIGUOUS}: @binance would be ambiguous; rename it',
    ),
    "name with a space": (
        PAPER.replace("desk-2", "desk 2"),
        f'desk.toml:3: name has "desk 2"; {A_NAME}',
    ),
    "dead man on spot": (
        SANDBOX.replace("binanceusdm", "binance") + "dead_man_s = 60",
        f'desk.toml:8: account "desk-1" is at binance (sandbox), {NO_SWITCH}',
    ),
    "dead man too quick": (
        SANDBOX + "dead_man_s = 5",
        "desk.toml:8: dead_man_s is 5; write 10 to 3600 seconds, or 0 for never",
    ),
    "weight": (PAPER + "weight = 0", "desk.toml:7: weight is 0; it must be above 0"),
    "sandbox without CA": (
        SANDBOX.replace('ca_file = "ca.pem"', ""),
        'desk.toml:2: account "desk-1" has mode "sandbox" and lacks the key "ca_file"',
    ),
    "live with an address": (
        SANDBOX.replace('"sandbox"', '"live"'),
        'desk.toml:6: account "desk-1" has mode "live"; connect belongs to mode "sandbox" only',
    ),
    "sandbox elsewhere": (
        SANDBOX.replace("127.0.0.1", "203.0.113.7"),
        f'desk.toml:6: connect is "203.0.113.7:18443"; {AN_ADDRESS}',
    ),
    "sandbox by name": (
        SANDBOX.replace("127.0.0.1", "localhost.example.com"),
        f'desk.toml:6: connect is "localhost.example.com:18443"; {AN_ADDRESS}',
    ),
    "paper without a balance": (
        PAPER.replace('balance = "10000 USDT"\n', ""),
        'desk.toml:2: account "desk-2" has mode "paper" and lacks the key "balance", such as "10000 USDT"',
    ),
    "balance without an asset": (
        PAPER.replace("10000 USDT", "10000"),
        'desk.toml:6: balance: "10000" is no balance; write a quantity above 0 and an asset: "10000 USDT"',
    ),
    "balance of a live account": (
        PAPER.replace('"paper"', '"live"'),
        'desk.toml:6: account "desk-2" has mode "live"; balance belongs to mode "paper" only',
    ),
    "paper with a key": (
        PAPER + 'key = "main"',
        'desk.toml:7: account "desk-2" has mode "paper" and takes no API key; leave out key "main"',
    ),
    "paper with half an address": (
        PAPER + 'connect = "127.0.0.1:1"',
        'desk.toml:2: account "desk-2" has mode "paper" and lacks the key "ca_file"',
    ),
    "caps of nobody": (
        PAPER + "[risk.accounts.desk-3]\nmax_order_count = 1",
        'desk.toml:7: no account is called "desk-3"; did you mean "desk-2"?',
    ),
}


@pytest.mark.parametrize(("text", "message"), MISTAKES.values(), ids=MISTAKES)
def test_a_mistake_is_told_with_its_line(text: str, message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(text, FILE)
    assert str(caught.value) == message


@pytest.mark.parametrize("text", ["[desk]\ntimezone = UTC", "[console]\npanes = [\n", "[desk]\n[desk]\n"])
def test_what_is_no_toml_is_told_with_its_line(text: str) -> None:
    with pytest.raises(ConfigError, match=r"^desk\.toml:2: \w"):
        parse(text, FILE)


def test_a_secret_under_a_wrong_key_is_not_repeated() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(PAPER + 'secret = "hunter2hunter2"', FILE)
    assert "hunter2" not in str(caught.value)
