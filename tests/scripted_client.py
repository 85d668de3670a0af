"""A client with frozen data in place of an engine: screens look the same at every run."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scripted_acts import ACTS, NOW_NS

from hedge_tui.wire import messages as m
from hedge_tui.wire.client import RequestRefused
from hedge_tui.wire.replica import Replica
from hedge_tui.wire.topics import COLUMNS

MINUTE_NS = 60_000_000_000
NAN = math.nan
BTC = "binanceusdm:BTC/USDT:USDT"
_MARKETS = (
    ("BTC/USDT:USDT", 64_120.4, 0.0213, 6.1e9, 1, 3),
    ("ETH/USDT:USDT", 3_310.25, 0.0312, 2.9e9, 2, 3),
    ("SOL/USDT:USDT", 152.31, -0.0124, 9.1e8, 2, 2),
    ("XRP/USDT:USDT", 0.6123, 0.0041, 5.2e8, 4, 1),
    ("DOGE/USDT:USDT", 0.13214, -0.0551, 4.4e8, 5, 0),
    ("LINK/USDT:USDT", 17.412, 0.0113, 1.7e8, 3, 2),
    ("1000PEPE/USDT:USDT", 0.0123456, 0.1204, 1.6e8, 7, 0),
)


def _row(topic: str, **values: Any) -> list[Any]:
    found = [values.pop(name, NAN) for name in COLUMNS[topic]]
    assert not values, values
    return found


def _budget(system: str, name: str, route: str = "", account: str = "", **values: Any) -> list[Any]:
    used = values["spent"] + values.get("others", 0.0)
    known = {
        "key": f"{system}|{route}|{account}|{name}", "system": system, "route": route, "account": account,
        "name": name, "counts": name.partition("_")[0], "used_pct": 100 * used / values["limit"],
        "others": 0.0, "planned": values["limit"] * 0.8, "free_in_s": 0.0, "ban_left_s": 0.0,
    }  # fmt: skip
    return _row("budgets", **known | values)


def _route(name: str, **values: Any) -> list[Any]:
    known = {
        "key": f"binanceusdm|{name}", "venue": "binanceusdm", "route": name, "kind": "direct",
        "trusted": False, "state": "up", "sent_1m": 0, "failures": 0, "retry_in_s": 0.0, "problem": "",
        "problem_ns": 0,
    }  # fmt: skip
    return _row("routes", **known | values)


def instruments() -> list[list[Any]]:
    return [
        _row(
            "instruments", instrument=f"binanceusdm:{symbol}", venue="binanceusdm", symbol=symbol,
            kind="perpetual", base=symbol.partition("/")[0], quote="USDT", last=last, change_24h=change,
            bid=last * 0.99999, ask=last * 1.00001, spread_bp=0.2, mark=last, volume_24h=volume,
            funding_rate=0.0001, next_funding_ns=NOW_NS + 95 * MINUTE_NS,
            price_decimals=digits, quantity_decimals=lots,
            net_position=0.103 if symbol.startswith("BTC") else NAN,
        )
        for symbol, last, change, volume, digits, lots in _MARKETS
    ]  # fmt: skip


def figures() -> list[list[Any]]:
    return [
        _row(
            "markets", instrument=f"binanceusdm:{symbol}", change_5m=change / 20, change_1h=-change / 5,
            day_position=0.5 + change, high_24h=last * 1.02, low_24h=last * 0.98, turnover_24h=volume,
            relative_volume=1.2 + 10 * change, bid_depth=volume / 1e5, ask_depth=volume / 2e5,
            index_price=last, premium_bp=change * 100, expiry_ns=0, funding_last=0.00012,
            funding_last_ns=NOW_NS - 60 * MINUTE_NS, funding_interval_h=8, funding_apr=0.1095,
            interest_value=volume / 9, interest_1h=change / 3, interest_24h=-change,
            net_value=6_604.4 if symbol.startswith("BTC") else NAN, silent_s=0,
        )
        for symbol, last, change, volume, _, _ in _MARKETS[:-1]
    ]  # fmt: skip


def accounts() -> list[list[Any]]:
    rows = []
    for n, (name, venue, mode, group) in enumerate(
        (("main", "binanceusdm", "live", "core"), ("desk-1", "binanceusdm", "sandbox", "core"),
         ("desk-2", "binanceusdm", "sandbox", "swing"), ("spot-1", "binance", "sandbox", "core"))
    ):  # fmt: skip
        money = 50_000.0 + 1_250.5 * n
        rows.append(
            _row(
                "accounts", name=name, venue=venue, mode=mode, groups=group,
                state="stale" if name == "desk-2" else "live", equity=money, balance=money - 20,
                free=money / 2,
                margin_used=312.5, margin_ratio=0.0123, unrealized=20.0 - 15 * n, pnl_today=-35.25 + 30 * n,
                realized_today=12.5, fees_today=1.48, funding_today=-0.12, exposure=2_964.73 * n, positions=1,
                orders=1, unknown=1 if name == "desk-2" else 0,
                detail="no word for 18 s" if name == "desk-2" else "",
                trading="reducing" if name == "desk-2" else "active",
            )
        )  # fmt: skip
    return rows


def portfolio() -> list[list[Any]]:
    return [
        _row(
            "portfolio", key=f"{scope}:{name}", scope=scope, name=name or "desk", accounts=4,
            equity=207_503.0, balance=207_400.0, margin_used=1_250.0, exposure=17_788.38,
            gross_exposure=21_000.0, unrealized=-10.0, pnl_today=39.0, realized_today=50.0, fees_today=5.92,
            funding_today=-0.48,
        )
        for scope, name in (
            ("total", ""), ("account", "main"), ("account", "spot-1"), ("venue", "binanceusdm"),
            ("group", "core"), ("tag", "scalp"), ("asset", "BTC"),
        )
    ]  # fmt: skip


def summary() -> list[list[Any]]:
    return [
        _row(
            "summary", key="desk", currency="USDT", accounts=4, equity=207_503.0, pnl_today=39.0,
            exposure=17_788.38, gross_exposure=21_000.0, leverage=0.101, margin_ratio=0.0123,
            margin_account="main", liquidation_pct=50.1, liquidation_account="main",
            liquidation_symbol="BTC/USDT:USDT", liquidation_side="long", funding_next=-1.64,
            funding_next_ns=NOW_NS + 95 * MINUTE_NS, positions=2, unprotected=1, journal="",
        )
    ]  # fmt: skip


def risk() -> list[list[Any]]:
    found = []
    for n, (name, venue, distance, side) in enumerate(
        (("main", "binanceusdm", 50.1, "long"), ("desk-1", "binanceusdm", 4.2, "short"),
         ("desk-2", "binanceusdm", NAN, ""), ("spot-1", "binance", NAN, ""))
    ):  # fmt: skip
        held = bool(side)
        found.append(
            _row(
                "risk", account=name, venue=venue, equity=50_000.0 + 1_250.5 * n,
                exposure=3_270.0 * (1 - 2 * n), gross_exposure=9_810.0 * n + 3_270.0, leverage=0.07 + 0.2 * n,
                margin_ratio=0.0123 + 0.61 * n if held else NAN, free=49_000.0 - 900 * n,
                liquidation_pct=distance, liquidation_symbol="BTC/USDT:USDT" if held else "",
                liquidation_side=side, liquidation_price=32_000.0 + 34_811.5 * n if held else NAN,
                liquidation_move_pct=(-50.1, 4.2)[n] if held else NAN, orders=n,
                unknown=int(name == "desk-2"),
                exposure_if_buys=4_500.0 - 900 * n, exposure_if_sells=-2_500.0 * n,
                leverage_if_filled=0.12 + 0.31 * n, margin_ratio_if_filled=0.02 + 0.66 * n if held else NAN,
                free_if_filled=48_100.0 - 1_400 * n,
                liquidation_move_if_filled_pct=(-41.0, 3.1)[n] if held else NAN,
                trading="reducing" if name == "desk-2" else "active",
            )
        )  # fmt: skip
    return found


def deltas() -> list[list[Any]]:
    return [
        _row("deltas", key=f"{account}|{asset}", account=account, venue="binanceusdm", asset=asset,
             quantity=value / 1_000, value=value)
        for account, held in (
            ("main", {"BTC": 3_270.0, "ETH": -1_140.5}),
            ("desk-1", {"BTC": -3_270.0, "SOL": 812.25, "XRP": 90.0}),
            ("spot-1", {"ETH": 19_861.5, "BNB": 1_402.0}),
        )
        for asset, value in held.items()
    ]  # fmt: skip


def limits() -> list[list[Any]]:
    return [
        _row(
            "limits", key=f"{scope}|{name}", scope=scope, of=of, name=name, value=value, used=used,
            text="", left=value - used, share=used / value, by=by, origin=origin, ceiling=value,
        )
        for scope, of, name, value, used, by, origin in (
            ("", "the desk", "max_day_notional", 1_000_000.0, 391_250.5, "", "config"),
            ("", "the desk", "max_open_orders", 200.0, 4.0, "desk-1", "config"),
            ("", "the desk", "max_order_notional", 25_000.0, NAN, "", "config"),
            ("account:main", "main", "max_position_notional", 6_000.0, 6_541.0, "main BTC", "typed"),
            ("group:core", "group core", "max_leverage", 5.0, 4.2, "main", "typed"),
        )
    ]  # fmt: skip


def stress() -> list[list[Any]]:
    return [
        _row(
            "stress", key=f"{move:+d}", move_pct=float(move), equity=207_503.0 * (1 + move / 1_000),
            change=207.5 * move, change_pct=move / 10, worst_account="spot-1" if move < 0 else "desk-1",
            worst_change=-abs(198.6 * move), worst_pct=-abs(0.38 * move), margin_ratio=0.31 + abs(move) / 100,
            margin_account="desk-1", liquidated=int(move > 5),
            liquidated_accounts="desk-1" if move > 5 else "",
        )
        for move in (-30, -20, -10, -5, 5, 10, 20, 30)
    ]  # fmt: skip


def equity_curve(scope: str, of: str, span: str) -> dict[str, Any]:
    rng = np.random.default_rng(5)
    net = 207_503.0 + np.cumsum(rng.normal(0, 90, 120))[::-1]
    fall = net / np.maximum.accumulate(net) - 1
    return {
        "scope": scope, "of": of, "span": span, "currency": "USDT", "accounts": ["main"],
        "points": [
            [NOW_NS - (119 - n) * 12 * MINUTE_NS, value, value, drop]
            for n, (value, drop) in enumerate(zip(net.tolist(), fall.tolist(), strict=True))
        ],
        "drawdown": f"{fall[-1]:.6f}", "max_drawdown": f"{fall.min():.6f}", "max_drawdown_ns": NOW_NS,
        "loss": "-12.50", "max_loss": "-1204.10", "earned": "391.20", "moved": "-5000.00",
    }  # fmt: skip


def positions() -> list[list[Any]]:
    return [
        _row(
            "positions", key=f"{account}|{BTC}|net", account=account, venue="binanceusdm",
            symbol="BTC/USDT:USDT", side=side, quantity=0.051, base_quantity=0.051, entry_price=64_010.5,
            mark_price=64_118.2, notional=3_270.0, unrealized=pnl, return_pct=pnl / 32.7, realized_today=0.0,
            fees_today=1.48, funding_today=-0.12, liquidation_price=32_000.0, liquidation_pct=50.1,
            leverage=10.0, margin=327.0, margin_mode="cross", instrument=BTC, break_even=64_074.6,
            liquidation_atr=71.3, settle="USDT", funding_next=-0.33 if side == "long" else 0.33,
            funding_next_ns=NOW_NS + 95 * MINUTE_NS, adl=1.0, protected_pct=0.0 if side == "long" else 60.0,
            opened_ns=NOW_NS - 400 * MINUTE_NS, tags="scalp", funding_in_min=95.0, open_min=400.0, doubt="",
        )
        for account, side, pnl in (("main", "long", 5.49), ("desk-1", "short", -5.49))
    ]  # fmt: skip


def orders() -> list[list[Any]]:
    found = []
    for n, (side, price, status, account) in enumerate(
        (("buy", 63_900.0, "live", "main"), ("sell", 64_400.0, "partial", "desk-1"),
         ("buy", 63_500.0, "unknown", "desk-2"), ("sell", 64_900.0, "rejected", "desk-1"))
    ):  # fmt: skip
        found.append(
            _row(
                "orders", client_order_id=f"{n:032x}", row=n + 1, account=account, venue="binanceusdm",
                symbol="BTC/USDT:USDT", side=side, type="limit", price=price, quantity=0.02,
                filled=0.005 if status == "partial" else 0.0, notional=price * 0.02,
                distance_pct=(price / 64_120.4 - 1) * 100, status=status, flags="post" if n == 0 else "",
                created_ns=NOW_NS - n * MINUTE_NS, updated_ns=NOW_NS, run="9b1c44aa", origin="keyboard",
                venue_order_id=str(100 + n), reason="post-only would take" if status == "rejected" else "",
                instrument=BTC,
            )
        )  # fmt: skip
    return found


def fills() -> list[list[Any]]:
    return [
        _row(
            "fills", key=f"f{n}", venue_ns=NOW_NS - (n + 1) * 40 * MINUTE_NS, account=account,
            venue="binanceusdm", symbol="BTC/USDT:USDT", side=side, quantity=0.051, price=64_000.0 + n,
            notional=3_264.0, commission=1.63, commission_asset="USDT", liquidity="taker", realized=0.0,
            row=0, client_order_id="", instrument=BTC,
        )
        for n, (account, side) in enumerate((("main", "buy"), ("desk-1", "sell")))
    ]  # fmt: skip


_STALE = ["desk-2", "binanceusdm", "stale", 18.0, 0.0, 12, 2, NOW_NS, "no word for 18 s"]
TABLES: dict[str, list[list[Any]]] = {
    "instruments": instruments(),
    "markets": figures(),
    "accounts": accounts(),
    "portfolio": portfolio(),
    "summary": summary(),
    "risk": risk(),
    "deltas": deltas(),
    "stress": stress(),
    "armed": [],
    "holds": [],
    "limits": limits(),
    "positions": positions(),
    "orders": orders(),
    "fills": fills(),
    "runs": [
        [
            "9b1c44aa",
            NOW_NS,
            "@main,desk-1 buy 0.02btc/each BTC.p at bid-0.3%",
            "keyboard",
            4,
            3,
            0,
            1,
            1,
            6.3,
        ]
    ],
    "exposure": [["BTC", 0.051, 0.051, 0.0, 0.0, 0.0, 0.0, 2], ["ETH", 6.0, 0.0, 6.0, 19_861.5, 6.0, 0.0, 1]],
    "balances": [
        ["main|USDT", "main", "binanceusdm", "USDT", 50_000.0, 49_000.0, 1_000.0, 50_000.0],
        ["spot-1|ETH", "spot-1", "binance", "ETH", 6.0, 6.0, 0.0, 19_861.5],
    ],
    "feeds": [
        ["binanceusdm:quotes", "", "binanceusdm", "live", 0.1, 812.0, 41_000, 0, NOW_NS, "", NAN, NAN],
        ["desk-2:private", *_STALE, 212.0, 1],
    ],
    "budgets": [
        _budget("binanceusdm", "weight_1m", spent=1_310.0, others=120.0, limit=2_400.0, window_s=60.0),
        _budget(
            "binanceusdm", "weight_1m", "tokyo", spent=1_915.0, limit=2_400.0, window_s=60.0, free_in_s=2.4
        ),
        _budget("binanceusdm", "orders_10s", account="desk-1", spent=212.0, limit=300.0, window_s=10.0),
        _budget("binanceusdm", "orders_10s", account="main", spent=3.0, limit=300.0, window_s=10.0),
        _budget("binance", "weight_1m", spent=44.0, limit=6_000.0, window_s=60.0),
    ],
    "lanes": [
        ["cancel", 0, 0, 0.0, 12, 0.0],
        ["order", 1, 0, 0.0, 240, 0.02],
        ["reconcile", 2, 0, 0.0, 9, 0.1],
        ["account", 3, 1, 0.8, 44, 1.2],
        ["market", 4, 0, 0.0, 80, 2.6],
        ["history", 5, 17, 12.5, 610, 14.1],
    ],
    "routes": [
        _route("direct", sent_1m=412, latency_ms=18.4, address="this machine", trusted=True),
        _route("second", kind="source", sent_1m=380, latency_ms=18.9, address="203.0.113.7", trusted=True),
        _route(
            "tokyo",
            kind="http",
            address="proxy.example:3128",
            state="down",
            latency_ms=122.0,
            failures=3,
            retry_in_s=3.1,
            problem="proxy proxy.example:3128 refused: 407 Proxy Authentication Required",
            problem_ns=NOW_NS - 5 * 10**9,
        ),
    ],
    "bans": [],
    "log": [
        ["1", NOW_NS - MINUTE_NS, "info", "feed", "main", "private stream is live"],
        ["2", NOW_NS, "warning", "order", "desk-2", "no answer for #3; it is being looked up"],
    ],
    "journal": ACTS,
}


def chart(name: str) -> dict[str, Any]:
    """300 candles of a seeded walk with the indicators that the topic names."""
    rng = np.random.default_rng(11)
    close = 64_120.4 + np.cumsum(rng.normal(0, 40, 300))[::-1]
    first = np.append(close[0], close[:-1])
    high = np.maximum(first, close) + rng.random(300) * 30
    low = np.minimum(first, close) - rng.random(300) * 30
    opens = (NOW_NS // (5 * MINUTE_NS) - np.arange(299, -1, -1)) * 5 * MINUTE_NS
    smooth = np.convolve(close, np.ones(20) / 20, "full")[:300]
    smooth[:19] = NAN
    calls = [text for text in name.split("|")[2].split(";") if text]
    return {
        "tail": False,
        "loaded": True,
        "open_ns": opens.astype("<i8").tobytes(),
        "columns": [c.astype("<f8").tobytes() for c in (first, high, low, close, rng.random(300) * 900)],
        "indicators": [
            {
                "name": call,
                "pane": "rsi" if call.startswith("rsi") else "price",
                "guides": (30.0, 70.0) if call.startswith("rsi") else (),
                "bounds": (0.0, 100.0) if call.startswith("rsi") else None,
                "values": (50 + 20 * np.sin(np.arange(300) / 9) if call.startswith("rsi") else smooth)
                .astype("<f8")
                .tobytes(),
            }
            for call in calls
        ],
    }


def book() -> dict[str, Any]:
    return {
        "tick": "0.1",
        "bids": [[64_120.4 - 0.1 * n, 0.05 + 0.03 * (n * 7 % 5)] for n in range(50)],
        "asks": [[64_120.5 + 0.1 * n, 0.04 + 0.03 * (n * 5 % 7)] for n in range(50)],
        "venue_ns": NOW_NS,
        "local_ns": NOW_NS,
    }


def trades() -> list[list[Any]]:
    return [
        [NOW_NS - (40 - n) * 10**9, 64_120.4 + n % 3 * 0.1, 0.01 * (n % 5 + 1), "buy" if n % 3 else "sell", n]
        for n in range(40)
    ]


def preview(text: str, accounts_: tuple[str, ...] = ("main", "desk-1", "desk-2")) -> m.Preview:
    rows = tuple(
        m.LegRow(
            "place", account, BTC, "buy", "limit", "0.031", "64120.5", "ask", "1,987.74 USDT", "0.7951 USDT",
            "" if account == "desk-2" else "opens", "49,850.27", "ioc",
            "the account is stale: no word for 18 s" if account == "desk-2" else "",
            "crosses now: takes at once" if account == "main" else "",
        )
        for account in accounts_
    )  # fmt: skip
    totals = tuple((a, 1, "1,987.74 USDT", "0.7951 USDT") for a in accounts_ if a != "desk-2")
    return m.Preview(
        1, "hash-1", text, "2 x 1,987.74 = 3,975.48 USDT, over 2 accounts", rows, totals,
        ("this is real money: main is a live account",), len(totals), 10.0,
    )  # fmt: skip


class ScriptedClient:
    """Answers from the tables above; `answers` maps a line to what is said to it.

    Attributes:
        sent: lines submitted. confirmed: hashes confirmed.
    """

    def __init__(self, *, trading: bool = True, modes: tuple[str, ...] = ("live", "sandbox")) -> None:
        holder = "console-1-1" if trading else "console-9-9"
        self.welcome = m.Welcome(1, "0.1.0", 1, "console-1-1", "", "USDT", False, holder, modes)
        self.replica = Replica()
        self.on_frame: Any = lambda _: None
        self.on_notice: Any = lambda _: None
        self.on_closed: Any = lambda _: None
        self.closed_reason = ""
        self.connected = True
        self.answers: dict[str, Any] = {}
        self.result: Any = m.Result(1, "9b1c44aa", 2)
        self.sent: list[str] = []
        self.confirmed: list[str] = []
        self.typed: list[str] = []
        self._panic: list[list[Any]] = []

    def panic(self, accounts: list[tuple[str, str, bool, str]]) -> None:
        """Panic works on these: (account, phase, whether it answered, words)."""
        self._panic = [
            _row(
                "panic", account=name, phase=phase, settled=phase == "done", heard=heard, entries=14,
                cancelled=2, filled=0, gone=0, resting=0 if phase == "done" else 12, silent=0, kept=0,
                flat=False, positions=0, open=0, dropped=0, asked=3, seconds=7, words=words,
            )
            for name, phase, heard, words in accounts
        ]  # fmt: skip

    def follow(self, *topics: str) -> None:
        new = [topic for topic in topics if topic not in self.replica.tables]
        self.replica.forget(set(topics))
        self.on_frame(self.replica.apply(m.Frame(self.replica.seq + 1, NOW_NS, [self._full(t) for t in new])))

    def _full(self, topic: str) -> m.Delta:
        kind = topic.partition(":")[0]
        if kind == "panic":
            return m.Delta(topic, full=True, rows=self._panic)
        if kind in TABLES:
            return m.Delta(topic, full=True, rows=[list(row) for row in TABLES[kind]])
        document = {"chart": lambda: chart(topic), "book": book, "trades": trades}[kind]()
        return m.Delta(topic, full=True, document=document)

    async def submit(self, text: str, **_: Any) -> Any:
        self.sent.append(text)
        answer = self.answers.get(text, preview(text))
        if isinstance(answer, m.Failure):
            raise RequestRefused(answer)
        return answer

    async def confirm(self, plan_hash: str, *, wait: bool = False, typed: str = "") -> Any:
        self.confirmed.append(plan_hash)
        self.typed.append(typed)
        if isinstance(self.result, m.Failure):
            raise RequestRefused(self.result)
        return self.result

    async def query(self, name: str, **args: Any) -> Any:
        if name == "instruments":
            return [dict(zip(COLUMNS["instruments"], row, strict=True)) for row in TABLES["instruments"]]
        if name == "settings":
            return {}
        if name == "status":
            return {
                "version": "0.1.0", "pid": 4242, "started_ns": 0, "accounts": 4, "connected": 3, "quotes": 7,
                "instruments": 7, "working_orders": 3, "unknown_orders": 1, "unsettled": 1, "clients": 1,
                "journal": "ok", "faults": 0, "locked": False,
            }  # fmt: skip
        if name == "away":
            return {"since_ns": 0, "absent_s": 0, "back_ns": 0, "lines": []}
        if name == "explain":
            return [f"about {args['about']}", "", "what happened", "  41  it was sent"]
        if name == "equity_curve":
            return equity_curve(**args)
        return None

    async def take_lock(self, *, force: bool = False) -> Any:
        if not force and self.welcome.lock_holder != "console-1-1":
            raise RequestRefused(m.Failure(1, "read_only", "console-9-9 holds the trading lock"))
        return m.Done(1, "yours", {"lock": "console-1-1"})

    async def unlock(self, passphrase: str, *, only_check: bool = False) -> Any:
        return m.Done(1, "open")

    async def close(self) -> None:
        self.connected = False
