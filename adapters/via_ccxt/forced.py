"""Tells the orders by which Binance itself closes a position from everybody else's. Pure."""

from __future__ import annotations

from typing import Any


def forced_by(o: dict[str, Any]) -> str:
    """Say "liquidation" or "ADL" when the venue itself placed the order to close a position, else ""."""
    named = str(o.get("c") or "")
    if o.get("X") == "NEW_ADL" or named.startswith("adl_autoclose"):
        return "ADL"
    forced = o.get("X") == "NEW_INSURANCE" or o.get("o") == "LIQUIDATION" or o.get("x") == "CALCULATED"
    return "liquidation" if forced or named.startswith("autoclose-") else ""
