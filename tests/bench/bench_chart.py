"""Candle chart against textual-plotext: a whole frame of 180x45 with three overlays, in one run.

Run by `make bench` with `--peer-python` naming an interpreter of the environment made from peers-plot.txt
(textual-plotext wants an older plotext than hedge_tui prints with). Both subjects do the same in a headless
Textual app: take changed candles, render all lines, and turn them into terminal text. Prints a JSON line for
each subject, then a table; the bar is printed, not asserted: a person judges it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import random
import statistics
import subprocess
import sys
import time

WIDTH, HEIGHT = 180, 45
CANDLES = 168
LINES = (7, 25, 99)


def walk(count: int) -> list[list[float]]:
    """Open, high, low, close, volume of a seeded random walk."""
    rng = random.Random(3)
    last, columns = 60_000.0, [[], [], [], [], []]
    for _ in range(count):
        close = last * math.exp(rng.gauss(0, 0.002))
        high = max(last, close) * (1 + abs(rng.gauss(0, 0.001)))
        low = min(last, close) * (1 - abs(rng.gauss(0, 0.001)))
        for column, value in zip(columns, (last, high, low, close, rng.lognormvariate(3, 0.6)), strict=True):
            column.append(value)
        last = close
    return columns


def average(values: list[float], length: int) -> list[float]:
    return [statistics.fmean(values[max(0, end - length) : end]) for end in range(1, len(values) + 1)]


def frames_ms(app, widget, change, frames: int) -> float:
    """Median milliseconds of a change, all lines of the widget, and their terminal text."""
    from textual.geometry import Region

    taken = []
    for nth in range(frames + 3):
        began = time.perf_counter()
        change(nth)
        widget._styles_cache.clear()
        getattr(widget, "_strips", {}).clear()  # every line anew, as the peer has to
        strips = widget.render_lines(Region(0, 0, WIDTH, HEIGHT))
        text = "".join(strip.render(app.console) for strip in strips)
        taken.append((time.perf_counter() - began) * 1e3)
        assert len(text) > WIDTH * HEIGHT / 2, "nothing was drawn"
    return statistics.median(taken[3:])


async def own() -> dict[str, float]:
    import numpy as np
    from textual.app import App
    from textual.geometry import Offset

    from hedge_tui.ui.widgets.chart import CandleChart

    columns = [np.array(column) for column in walk(CANDLES)]
    lines = [np.array(average(list(columns[3]), length)) for length in LINES]
    open_ns = 1_700_000_000_000_000_000 + np.arange(CANDLES) * 60_000_000_000

    class Own(App[None]):
        def compose(self):
            self.chart = CandleChart(title="BTC/USDT 1m", tick=0.1)
            yield self.chart

    app = Own()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        chart = app.chart
        chart._scene.view.zoom = 2  # one cell a candle, as plotext draws them

        def change(nth: int) -> None:
            columns[3][-1] *= 1 + (nth % 7 - 3) * 1e-4
            chart.set_series(open_ns, *columns)
            for name, line in zip(("SMA 7", "SMA 25", "SMA 99"), lines, strict=True):
                chart.set_overlay(name, line)
            chart.paint()

        change(0)
        await pilot.pause()
        result = {"frame_ms": frames_ms(app, chart, change, 60)}
        ticks, sent = [], []
        for nth in range(60):
            began = time.perf_counter()
            close = float(columns[3][-1]) * (1 + (nth % 5 - 2) * 1e-4)
            chart.update_last(int(open_ns[-1]), float(columns[0][-1]), close + 5, close - 5, close, 5.0)
            damage = chart._look()
            text = chart.ansi(damage, Offset(0, 0)) if damage else ""
            ticks.append((time.perf_counter() - began) * 1e3)
            sent.append(len(text.encode()))
        result |= {"live_tick_ms": statistics.median(ticks), "live_tick_bytes": statistics.median(sent)}
        million = [np.tile(column, 1_000_000 // CANDLES) for column in columns]
        count = len(million[0])
        chart.set_series(1_600_000_000_000_000_000 + np.arange(count) * 60_000_000_000, *million)
        for name in ("SMA 7", "SMA 25", "SMA 99"):
            chart.remove_overlay(name)
        chart._scene.view.zoom_by(20)
        result["million_frame_ms"] = frames_ms(app, chart, lambda _: (chart.changed(), chart.paint()), 30)
    return result


async def peer() -> dict[str, float]:
    from textual.app import App
    from textual_plotext import PlotextPlot

    columns = walk(CANDLES)
    lines = [average(columns[3], length) for length in LINES]

    class Peer(App[None]):
        def compose(self):
            self.plot = PlotextPlot()
            yield self.plot

    app = Peer()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        plt = app.plot.plt
        plt.date_form("d/m/Y H:M")
        dates = [
            plt.datetime_to_string(
                plt.string_to_datetime("14/11/2023 00:00").fromtimestamp(1_700_000_000 + 60 * n)
            )
            for n in range(CANDLES)
        ]

        def change(nth: int) -> None:
            columns[3][-1] *= 1 + (nth % 7 - 3) * 1e-4
            plt.clear_data()
            data = dict(zip(("Open", "High", "Low", "Close"), columns, strict=False))
            plt.candlestick(dates, data)
            for line in lines:
                plt.plot(dates, line, marker="braille")
            app.plot.refresh()

        change(0)
        await pilot.pause()
        return {"frame_ms": frames_ms(app, app.plot, change, 12)}


def child(subject: str, python: str) -> dict[str, float]:
    done = subprocess.run([python, __file__, "--child", subject], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{subject} failed:\n{done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child", choices=("own", "peer"))
    parser.add_argument(
        "--peer-python",
        default=os.environ.get("HEDGE_PEER_PLOT"),
        help="interpreter with textual-plotext; without it only our own figures",
    )
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    if options.child:
        print(json.dumps(asyncio.run(own() if options.child == "own" else peer())))
        return
    found: dict[str, list[dict[str, float]]] = {"own": [], "textual-plotext": []}
    for _ in range(options.runs):  # in turns, so that a busy moment hits both alike
        found["own"].append(child("own", sys.executable))
        if options.peer_python:
            found["textual-plotext"].append(child("peer", options.peer_python))
    medians = {
        subject: {key: statistics.median(row[key] for row in rows) for key in rows[0]}
        for subject, rows in found.items()
        if rows
    }
    for subject, figures in medians.items():
        print(
            json.dumps({"bench": "chart", "subject": subject, **{k: round(v, 3) for k, v in figures.items()}})
        )
    own_ms = medians["own"]["frame_ms"]
    print(f"\n{WIDTH}x{HEIGHT}, {CANDLES} candles, {len(LINES)} overlays, medians of {options.runs}")
    print(f"CandleChart, whole frame      {own_ms:9.2f} ms")
    print(
        f"CandleChart, live tick        {medians['own']['live_tick_ms']:9.2f} ms,"
        f" {medians['own']['live_tick_bytes']:.0f} bytes"
    )
    print(f"CandleChart, million candles  {medians['own']['million_frame_ms']:9.2f} ms")
    if "textual-plotext" in medians:
        from ratio import print_ratio

        peer_ms = medians["textual-plotext"]["frame_ms"]
        ratio = {"bench": "chart", "subject": "ratios", "frame_times_faster": round(peer_ms / own_ms, 1)}
        print(f"textual-plotext, whole frame  {peer_ms:9.2f} ms")
        print(f"{peer_ms / own_ms:.0f} times faster (bar: 20)")
        print(json.dumps(ratio))
        print_ratio(
            "chart frame 180x45, 3 overlays",
            ours=own_ms,
            peer=peer_ms,
            unit="ms",
            peer_name="textual-plotext",
            bar="at least 20 times faster",
        )
    else:
        print("textual-plotext was not measured: give --peer-python")


if __name__ == "__main__":
    main()
