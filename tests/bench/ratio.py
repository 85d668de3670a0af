"""How a benchmark hands a result to `run.py`: one JSON object on a line of its own."""

from __future__ import annotations

import json


def print_ratio(what: str, *, ours: float, peer: float, unit: str, peer_name: str, bar: str = "") -> None:
    """Print one comparison made in one run.

    Args:
        what: what was measured, such as `chart frame 180x45, 3 overlays`.
        ours, peer: medians in `unit`; smaller is better.
        peer_name: who was measured beside us.
        bar: what was hoped for, such as `at least 20 times faster`; printed for a person, never asserted.
    """
    row = {"what": what, "ours": ours, "peer": peer, "unit": unit, "peer_name": peer_name, "bar": bar}
    print(json.dumps({"ratio": ours / peer, **row}), flush=True)
