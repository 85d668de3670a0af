"""The newest acts of the journal that a scripted engine tells of."""

from __future__ import annotations

from typing import Any

NOW_NS = 1_790_000_000_000_000_000


def _act(seq: int, kind: str, text: str, **about: str) -> list[Any]:
    order, run = about.get("order", ""), about.get("run", "")
    where = about.get("about") or order or f"run:{run}"
    at, level, account = NOW_NS - (50 - seq) * 10**9, about.get("level", "info"), about.get("account", "")
    return [str(seq), at, level, kind, account, order, run, text, where]


ACTS = [
    _act(41, "instrument told", "BTC/USDT:USDT at binanceusdm: tick 0.1, lot 0.001", about="41"),
    _act(42, "line judged", "allowed: @main buy 0.1btc BTC.p at bid", account="main", run="5eed0c0ffee0"),
    _act(43, "line confirmed", "confirmed (keyboard): @main buy 0.1btc BTC.p at bid", run="5eed0c0ffee0"),
    _act(44, "orders intended", "intended: #1 buy 0.1 BTC/USDT:USDT at 64", account="main", order="#1"),
    _act(45, "reported", "#1 sent, no answer: unknown", level="warning", account="main", order="#1"),
    _act(46, "reported", "#1 live (venue's id 80000001)", account="main", order="#1"),
    _act(47, "noted", "journal: the disk is full", level="alarm", about="47"),
]
