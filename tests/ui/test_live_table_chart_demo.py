"""Both hot widgets side by side with moving data; run this file to look at it in a terminal."""

from __future__ import annotations

import numpy as np
import pytest
from textual.app import App
from textual.containers import Horizontal, Vertical

from hedge_tui.domain.order import Side
from hedge_tui.ui.widgets.chart import CandleChart, Mark, OrderLine
from hedge_tui.ui.widgets.live_table import Column, Kind, LiveTable

MINUTE_NS = 60_000_000_000
BASES = ["BTC", "ETH", "SOL", "XRP", "DOGE", "ADA", "AVAX", "LINK", "DOT", "LTC"]


def smoothed(values: np.ndarray, length: int) -> np.ndarray:
    out, weight = np.empty_like(values), 2 / (length + 1)
    out[0] = values[0]
    for nth in range(1, len(values)):
        out[nth] = weight * values[nth] + (1 - weight) * out[nth - 1]
    return out


class Demo(App[None]):
    CSS = "#watch { width: 62; } #positions { height: 12; }"

    def __init__(self, count: int = 60) -> None:
        super().__init__()
        self.dice = np.random.default_rng(3)
        self.names = (BASES + [f"COIN{n}" for n in range(count)])[:count]
        self.prices = np.exp(self.dice.normal(4, 3, count))
        self.prices[0] = 64_000
        close = 64_000 * np.exp(np.cumsum(self.dice.normal(0, 0.0012, 600)))
        first = np.concatenate([[64_000.0], close[:-1]])
        high = np.maximum(first, close) * (1 + np.abs(self.dice.normal(0, 0.0006, 600)))
        low = np.minimum(first, close) * (1 - np.abs(self.dice.normal(0, 0.0006, 600)))
        self.open_ns = 1_760_000_040_000_000_000 + np.arange(600) * MINUTE_NS
        self.candles = [first, high, low, close, self.dice.lognormal(3, 0.6, 600)]

    def compose(self):
        with Horizontal():
            yield self.watchlist()
            with Vertical():
                yield self.market()
                yield self.positions()

    def watchlist(self) -> LiveTable:
        self.watch = LiveTable(
            [
                Column(key="name", label="Instrument", kind=Kind.TEXT, width=12, stretch=True),
                Column(key="last", label="Last", width=11, decimals="digits", flash=True),
                Column(key="change", label="24h", width=8, percent=True, signed=True, tint="sign"),
                Column(key="volume", label="Volume", width=8, compact=True, tint="muted"),
                Column(key="digits", label="Digits", visible=False),
            ],
            fixed_columns=1,
            id="watch",
        )
        count = len(self.names)
        columns = {
            "name": [f"{name}/USDT" for name in self.names],
            "last": self.prices,
            "change": self.dice.normal(0, 0.03, count),
            "volume": self.dice.lognormal(16, 2, count),
            "digits": np.clip(4 - np.floor(np.log10(self.prices)), 0, 8),
        }
        self.watch.set_rows(self.names, columns)
        return self.watch

    def market(self) -> CandleChart:
        self.chart = CandleChart(title="BTC/USDT:USDT 1m", tick=0.1)
        self.chart.set_series(self.open_ns, *self.candles)
        close = self.candles[3]
        for length in (20, 50, 100):
            self.chart.set_overlay(f"EMA {length}", smoothed(close, length))
        steps = np.diff(close, prepend=close[0])
        gains, losses = smoothed(np.maximum(steps, 0), 27), smoothed(np.maximum(-steps, 0), 27)
        rsi = 100 * gains / (gains + losses + 1e-12)
        self.chart.set_pane("RSI 14", {"RSI 14": rsi}, (30, 70), 0, 100)
        self.chart.set_marks(
            [
                Mark(int(self.open_ns[-20]), Side.BUY, "0.250", float(close[-20]), "desk-1"),
                Mark(int(self.open_ns[-8]), Side.SELL, "0.100", float(close[-8]), "desk-2"),
            ]
        )
        self.chart.set_order_lines(
            [
                OrderLine(Side.BUY, "0.5", float(close[-1] * 0.996)),
                OrderLine(Side.SELL, "0.5", float(close[-1] * 1.006), "tp"),
            ]
        )
        return self.chart

    def positions(self) -> LiveTable:
        self.held = LiveTable(
            [
                Column(key="account", label="Account", kind=Kind.TEXT, width=8),
                Column(key="name", label="Instrument", kind=Kind.TEXT, width=14, stretch=True),
                Column(key="side", label="Side", kind=Kind.WORD, width=5),
                Column(key="quantity", label="Quantity", width=10, decimals=3),
                Column(key="entry", label="Entry", width=12),
                Column(key="pnl", label="PnL", width=12, signed=True, tint="sign", flash=True),
            ],
            totals={"pnl": np.nansum},
            fixed_columns=2,
            id="positions",
        )
        columns = {
            "account": [f"desk-{n % 3 + 1}" for n in range(8)],
            "name": [f"{name}/USDT:USDT" for name in self.names[:8]],
            "side": ["long" if n % 3 else "short" for n in range(8)],
            "quantity": self.dice.lognormal(0, 1, 8),
            "entry": self.prices[:8],
            "pnl": self.dice.normal(0, 500, 8),
        }
        self.held.set_rows([str(n) for n in range(8)], columns)
        return self.held

    def on_mount(self) -> None:
        self.set_interval(0.05, self.feed)

    def feed(self) -> None:
        moved = self.dice.integers(0, len(self.names), 6)
        self.prices[moved] *= np.exp(self.dice.normal(0, 0.0005, 6))
        self.watch.set_cells(self.watch.slots([self.names[n] for n in moved]), "last", self.prices[moved])
        first, high, low, close, volume = (float(column[-1]) for column in self.candles)
        close *= float(np.exp(self.dice.normal(0, 0.0002)))
        last = (first, max(high, close), min(low, close), close, volume + 0.2)
        for column, value in zip(self.candles, last, strict=True):
            column[-1] = value
        self.chart.update_last(int(self.open_ns[-1]), *last)
        self.held.set_cells(self.held.slots([str(moved[0] % 8)]), "pnl", float(self.dice.normal(0, 500)))


@pytest.mark.parametrize("size", [(200, 50), (80, 24)])
async def test_demo_runs_and_says_what_it_shows(size):
    app = Demo()
    async with app.run_test(size=size) as pilot:
        for _ in range(20):
            app.feed()
            for widget in (app.watch, app.held, app.chart):
                widget.paint()
        await pilot.press("down", "space", "tab", "left", "left", "minus", "tab", "down")
        await pilot.pause()
        picture = app.export_screenshot()
    for word in ("BTC/USDT", "Instrument", "EMA", "desk-1", "Total"):
        assert word in picture


if __name__ == "__main__":
    Demo().run()
