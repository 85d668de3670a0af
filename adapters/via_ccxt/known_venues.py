"""The venues that the installed ccxt.pro knows, read from its folder: an import would take half a second."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path


@functools.cache
def known_venues() -> frozenset[str]:
    """The ids that a configuration may name."""
    found = find_spec("ccxt")
    places = list(found.submodule_search_locations or ()) if found else []
    return frozenset(
        file.stem
        for place in places
        for file in (Path(place) / "pro").glob("*.py")
        if not file.stem.startswith("_")
    )
