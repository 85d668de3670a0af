"""The engine's own figures: what `query status` answers, in words."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from hedge_tui.ui.widgets.inert import inert
from hedge_tui.ui.widgets.line_canvas import LineCanvas, Run

if TYPE_CHECKING:
    from collections.abc import Mapping

LABELS = {
    "version": "Version",
    "pid": "Process",
    "uptime": "Running for",
    "connected": "Accounts connected",
    "quotes": "Markets with a quote",
    "working_orders": "Working orders",
    "unknown_orders": "Unknown orders",
    "unsettled": "Being looked up",
    "clients": "Consoles and commands",
    "journal": "Journal",
    "locked": "Vault",
    "faults": "Faults",
    "data_dir": "Data",
}


def status_rows(data: Mapping[str, Any], now_ns: int) -> list[tuple[str, str, str]]:
    """(label, text, part) of each figure, in a fixed order."""
    seconds = max(0, now_ns - int(data.get("started_ns") or now_ns)) // 1_000_000_000
    words = dict(data)
    words["uptime"] = f"{seconds // 86_400} d {seconds % 86_400 // 3_600} h {seconds % 3_600 // 60} min"
    words["connected"] = f"{data.get('connected', 0)} of {data.get('accounts', 0)}"
    words["quotes"] = f"{data.get('quotes', 0)} of {data.get('instruments', 0)}"
    words["locked"] = "locked: press U" if data.get("locked") else "open"
    bad = {
        "unknown_orders": bool(data.get("unknown_orders")),
        "journal": data.get("journal") != "ok",
        "locked": bool(data.get("locked")),
        "faults": bool(data.get("faults")),
    }
    return [
        (label, inert(str(words.get(key, ""))), "warning" if bad.get(key) else "text")
        for key, label in LABELS.items()
        if words.get(key) not in (None, "")
    ]


class EngineStatus(LineCanvas):
    """Shows the newest answer."""

    _data: Mapping[str, Any] | None = None

    def tell(self, data: Mapping[str, Any]) -> None:
        """The engine answered."""
        self._data = data
        self.on_resize()

    def on_resize(self) -> None:
        """Write the figures anew."""
        if self._data is None:
            return
        data = self._data
        lines: list[list[Run]] = []
        for label, text, part in status_rows(data, time.time_ns()):
            room = max(1, self.size.width - 24)
            shown = text if len(text) <= room else "…" + text[-(room - 1) :]
            lines.append([(f" {label:<22} ", "muted"), (shown, part)])
        self.show(lines)
