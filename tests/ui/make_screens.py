"""Makes the README's pictures: the real console over a real demo desk, drawn to SVG and turned into PNG.

    .venv/bin/python tests/ui/make_screens.py [FOLDER]

Needs `rsvg-convert` and a monospaced font with box drawing and braille (Debian: librsvg2-bin,
fonts-dejavu-core). The desk trades for a while first, so that there is something to see.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from hedge_tui.bootstrap.demo import start_demo, stop_demo
from hedge_tui.config import load
from hedge_tui.ui.app import HedgeApp
from hedge_tui.ui.link import attach_to

HERE = Path(__file__).parent / "screens"
SIZES = {"": (200, 50), "-120x40": (120, 40)}
"""Ending of the pictures' names -> columns and lines."""
LINES = (
    "@desk-1,desk-2,desk-3 buy 2000usd/each BTC.p",
    "@desk-4,desk-5 sell 1500usd/each ETH.p",
    "@desk-6 buy 900usd SOL.p",
    "@desk-9,desk-10 buy 700usd/each ETH",
    "@desk-1,desk-2,desk-3 buy 0.02btc/each BTC.p at bid-0.3%",
    "@desk-1,desk-2 sell 0.02btc/each BTC.p at ask+0.4%",
    "@desk-7 sell 0.5eth ETH.p at ask+1% post",
)


def trade(data_dir: Path) -> None:
    for line in LINES:
        subprocess.run(
            [sys.executable, "-m", "hedge_tui", "do", line, "--yes", "--data-dir", str(data_dir)],
            check=True,
            capture_output=True,
            stdin=subprocess.DEVNULL,
        )


async def draw(data_dir: Path, socket: Path, folder: Path, ending: str) -> None:
    app = HedgeApp(attach_to(socket), load(data_dir / "config.toml").console)
    async with app.run_test(size=SIZES[ending]) as pilot:
        await pilot.pause(5)
        save(app, folder / f"trade{ending}")
        await pilot.press("colon")
        for key in "@core buy 1000usd/split BTC.p at bid-0.1% post":
            await pilot.press("space" if key == " " else key)
        await pilot.press("enter")
        await pilot.pause(1)
        save(app, folder / f"confirm{ending}")
        await pilot.press("escape", "escape", "escape")
        await pilot.press("b")
        await pilot.pause(1)
        await pilot.press("z", "j", "j", "j")
        await pilot.pause(1)
        save(app, folder / f"ladder{ending}")
        await pilot.press("z")
        for name in ("markets", "risk", "portfolio", "orders", "feeds"):
            app.action_screen_named(name)
            await pilot.pause(2)
            save(app, folder / f"{name}{ending}")


def save(app: HedgeApp, stem: Path) -> None:
    """The screen as a PNG."""
    svg = app.export_screenshot(title="hedge")
    # The picture takes the machine's own monospaced font, not one from the network.
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL).replace("Fira Code", "DejaVu Sans Mono")
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    subprocess.run(
        ["rsvg-convert", "--zoom", "0.8", "-o", str(stem.with_suffix(".png"))], input=svg.encode(), check=True
    )


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    folder.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        data_dir = Path(place) / "desk"
        try:
            demo = start_demo(data_dir)
            asyncio.run(_settled(demo.socket))
            trade(data_dir)
            for ending in SIZES:
                asyncio.run(draw(data_dir, demo.socket, folder, ending))
        finally:
            stop_demo(data_dir)


async def _settled(socket: Path) -> None:
    from hedge_tui.wire.client import EngineClient

    client = EngineClient()
    await client.connect(socket)
    # The engine is another process.
    while (await client.query("status"))["connected"] < 12:  # noqa: ASYNC110
        await asyncio.sleep(0.2)
    await asyncio.sleep(3)
    await client.close()


if __name__ == "__main__":
    main()
