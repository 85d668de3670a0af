"""Python, installed packages and disk."""

from __future__ import annotations

import shutil
import sys
from importlib.metadata import packages_distributions
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import hedge_tui
from hedge_tui.cli.checks.finding import broken, note, ok

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from hedge_tui.cli.checks.finding import Finding

OUR_PACKAGES = ("hedge_tui", "adapters", "store", "indicators")
OUR_DISTRIBUTION = "hedge-tui"
LEAST_PYTHON = (3, 11)
LEAST_FREE_BYTES = 200 * 1024 * 1024
LOW_FREE_BYTES = 2 * 1024 * 1024 * 1024


def check_python(version: tuple[int, int, int] = sys.version_info[:3]) -> Finding:
    """The interpreter is one that is supported."""
    text = ".".join(map(str, version))
    if version[:2] < LEAST_PYTHON:
        return broken("python", f"{text} is too old", "install Python 3.11 or later and hedge anew")
    return ok("python", f"{text} at {sys.executable}")


def check_packages(owners: Mapping[str, Sequence[str]] | None = None) -> Iterator[Finding]:
    """Each top-level package of ours is ours alone: `adapters`, `store` and `indicators` are common names.

    Args:
        owners: top-level name -> distributions that install it; asked from the environment when None.
    """
    root = Path(hedge_tui.__file__).resolve().parents[1]
    for name in OUR_PACKAGES:
        check = f"package {name}"
        found = (packages_distributions() if owners is None else owners).get(name, ())
        foreign = sorted({one for one in found if one.lower().replace("_", "-") != OUR_DISTRIBUTION})
        spec = find_spec(name)
        place = Path(next(iter(spec.submodule_search_locations or ()), "")) if spec else None
        if foreign:
            yield broken(
                check,
                f"also installed by {', '.join(foreign)}",
                "install hedge on its own: pipx install . or uv tool install .",
            )
        elif place is None or place.resolve().parent != root:
            yield broken(check, f"is {place or 'missing'}, not in {root}", "install hedge on its own, anew")
        else:
            yield ok(check, str(place))


def check_disk(data_dir: Path) -> Finding:
    """There is room for journal and history; a full disk stops trading."""
    place = next(one for one in (data_dir, *data_dir.parents) if one.exists())
    free = shutil.disk_usage(place).free
    text = f"{free / 1024**3:.1f} GiB free at {place}"
    if free < LEAST_FREE_BYTES:
        return broken("disk", text, "free some space: without it the journal refuses orders")
    if free < LOW_FREE_BYTES:
        return note("disk", text, "history of many instruments needs more")
    return ok("disk", text)
