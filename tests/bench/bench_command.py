"""How long reading a command line takes, as a ratio to `shlex.split` of the same line.

Run: python tests/bench/bench_command.py
"""

from __future__ import annotations

import shlex
import statistics
import time
from decimal import Decimal
from typing import TYPE_CHECKING

from hedge_tui.command import (
    SymbolIndex,
    Vocabulary,
    complete,
    parse,
    parse_expanded,
    resolve_symbol,
    to_text,
)
from hedge_tui.domain.instrument import Grid, Instrument, InstrumentKind, instrument_id

if TYPE_CHECKING:
    from collections.abc import Callable

LINES = (
    "buy 500usd BTC.p at bid",
    "@desk-1,desk-2,desk-3 buy 500usd/each BTC.p at ask",
    "@core,desk-9 buy 2%eq/each BTC.p,ETH.p scale 20 from mid-0.2% to mid-3% geo sl 4%@mark tp 6%",
    "cancel #3-7,#9",
    "cancel BTC.p ; buy 2k usd BTC.p twap 12 over 1h jitter 20% then sell 100%pos BTC.p at ask+1% reduce",
    'alarm close < line("TL3") on BTC.p once do { @desk-1 close BTC.p 50% }',
)
ROUNDS = 5


def measure(work: Callable[[], object], seconds: float = 0.2) -> float:
    """Seconds per call, the median of five rounds."""
    times = []
    for _ in range(ROUNDS):
        calls, start = 0, time.perf_counter()
        while (spent := time.perf_counter() - start) < seconds / ROUNDS or calls == 0:
            work()
            calls += 1
        times.append(spent / calls)
    return statistics.median(times)


def instruments(count: int) -> list[Instrument]:
    """A desk's worth of made-up markets, half spot and half perpetual."""
    grid = Grid(tick=Decimal("0.01"), lot=Decimal("0.001"))
    made = []
    for number in range(count // 2):
        base = f"C{number:04}"
        spot, perp = (
            instrument_id("binance", f"{base}/USDT"),
            instrument_id("binanceusdm", f"{base}/USDT:USDT"),
        )
        made.append(Instrument(spot, f"{base}USDT", InstrumentKind.SPOT, base, "USDT", "USDT", grid))
        made.append(Instrument(perp, f"{base}USDT", InstrumentKind.PERPETUAL, base, "USDT", "USDT", grid))
    return made


def show(what: str, ours: float, peer: float, back: float | None = None) -> None:
    """Print one measurement in microseconds."""
    tail = "" if back is None else f" {back * 1e6:>6.0f} us"
    print(f"{what[:58]:<60} {ours * 1e6:>6.0f} us {peer * 1e6:>6.0f} us {ours / peer:>6.2f}{tail}")


def main() -> None:
    """Print one line a measurement."""
    print(f"{'line':<60} {'parse':>9} {'shlex':>9} {'ratio':>6} {'print':>9}")
    for line in LINES:
        ours, peer = measure(lambda line=line: parse(line)), measure(lambda line=line: shlex.split(line))
        tree = parse(line)
        back = measure(lambda tree=tree: to_text(tree))
        show(line, ours, peer, back)
    line, aliases = "@core dip 500usd ?", {"dip": "buy $1 BTC.p at bid-1% post"}
    ours, peer = measure(lambda: parse_expanded(line, aliases)), measure(lambda: shlex.split(line))
    show(f"with an alias: {line}", ours, peer)

    index = SymbolIndex(instruments(2_000))
    vocabulary = Vocabulary(
        accounts=tuple(f"desk-{n}" for n in range(20)), symbols=index.words("binanceusdm")
    )
    print(f"\n{len(vocabulary.symbols)} symbols")
    for line in (
        "b",
        "buy 500usd ",
        "buy 500usd C1",
        "buy 500usd 99",
        "buy 500usd zzz",
        "buy 500usd C1.p at ",
    ):
        ours = measure(lambda line=line: complete(line, len(line), vocabulary))
        peer = measure(lambda line=line: shlex.split(line))
        show(f"complete: {line}", ours, peer)
    for symbol in ("C0042.p", "C0042USDT", "binance:C0042/USDT", "C004x"):
        ours = measure(lambda symbol=symbol: resolve_symbol(symbol, index, "binanceusdm"))
        print(f"{'resolve: ' + symbol:<60} {ours * 1e6:>6.0f} us")


if __name__ == "__main__":
    main()
