"""`hedge chart SYMBOL`: prints candles once, with plotext."""

from __future__ import annotations

import shutil
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from hedge_tui.cli import exits
from hedge_tui.cli.asking import with_engine
from hedge_tui.cli.desk import desk_of
from hedge_tui.cli.group import Json
from hedge_tui.cli.output import print_json

if TYPE_CHECKING:
    from hedge_tui.wire.client import EngineClient

COLUMNS = ("open_ns", "open", "high", "low", "close", "volume")


def command(
    ctx: typer.Context,
    symbol: Annotated[str, typer.Argument(help="As in the console: BTC.p, ETH/USDT.")],
    timeframe: Annotated[str, typer.Option("--timeframe", help="1m to 1w.")] = "1h",
    count: Annotated[int, typer.Option("--count", help="Candles.")] = 120,
    json: Json = False,
) -> int:
    """Print the newest candles of an instrument as a chart."""
    name, candles = with_engine(desk_of(ctx), lambda client: _load(client, symbol, timeframe, count))
    if json:
        print_json([dict(zip(COLUMNS, row, strict=True)) for row in candles])
        return exits.DONE
    if not candles:
        sys.stdout.write(f"{name}: no candles yet\n")
        return exits.FAILED
    _print(name, timeframe, candles)
    return exits.DONE


async def _load(
    client: EngineClient, symbol: str, timeframe: str, count: int
) -> tuple[str, list[tuple[Any, ...]]]:
    import struct
    import time

    from hedge_tui.wire.messages import Done

    answer = await client.submit(f"chart {symbol} {timeframe}", origin="cli")
    assert isinstance(answer, Done)
    instrument = answer.action["chart"]
    found = await client.query(
        "chart_before", instrument=instrument, timeframe=timeframe, before_ns=time.time_ns(), count=count
    )
    size = len(found["open_ns"]) // 8
    opens = struct.unpack(f"<{size}q", found["open_ns"])
    columns = [struct.unpack(f"<{size}d", column) for column in found["columns"]]
    return instrument, list(zip(opens, *columns, strict=True))


def _print(name: str, timeframe: str, candles: list[tuple[Any, ...]]) -> None:
    import plotext

    width, height = shutil.get_terminal_size((100, 30))
    figure = plotext.figure
    figure.plot_size(width, max(height - 3, 10))
    figure.theme("simple")
    figure.date().activate()
    figure.draw(
        figure.candlestick(
            {
                "date": [_when(row[0]) for row in candles],
                "open": [row[1] for row in candles],
                "high": [row[2] for row in candles],
                "low": [row[3] for row in candles],
                "close": [row[4] for row in candles],
            }
        )
    )
    figure.title(f"{name} {timeframe}, times in UTC")
    figure.show(colorless=not sys.stdout.isatty())


def _when(open_ns: int) -> Any:
    from datetime import UTC, datetime

    return datetime.fromtimestamp(open_ns / 1e9, UTC).replace(tzinfo=None)
