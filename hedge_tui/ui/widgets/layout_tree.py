"""How the trader cut up a screen: a tree of splits with panes at its leaves. Pure.

Every operation gives a new tree with the same panes; what cannot be done gives the tree as it was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from textual.geometry import Region

from hedge_tui.ui.widgets.pane_layout import GAP, Slot

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

LEAST_SHARE, MOST_SHARE = 0.1, 0.9
LEAST_WIDTH, LEAST_HEIGHT = 28, 6
DEEPEST = 12


@dataclass(frozen=True, slots=True)
class Leaf:
    """A place whose panes take turns."""

    panes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Split:
    """Two parts: side by side if `across`, else one below the other; `share` is the first one's."""

    across: bool
    share: float
    first: Node
    second: Node


Node = Leaf | Split


def leaves(node: Node) -> Iterator[Leaf]:
    """All leaves, from top left."""
    if isinstance(node, Leaf):
        yield node
    else:
        yield from leaves(node.first)
        yield from leaves(node.second)


def leaf_of(node: Node, pane: str) -> Leaf | None:
    """Where a pane is."""
    return next((leaf for leaf in leaves(node) if pane in leaf.panes), None)


def slots_of(node: Node, region: Region) -> list[Slot]:
    """Slots in this region."""
    if isinstance(node, Leaf):
        return [Slot(region, node.panes)]
    if node.across:
        size = max(1, round((region.width - GAP) * node.share))
        first = Region(region.x, region.y, size, region.height)
        second = Region(region.x + size + GAP, region.y, region.width - size - GAP, region.height)
    else:
        size = max(1, round(region.height * node.share))
        first = Region(region.x, region.y, region.width, size)
        second = Region(region.x, region.y + size, region.width, region.height - size)
    return [*slots_of(node.first, first), *slots_of(node.second, second)]


def fits(slots: Sequence[Slot]) -> bool:
    """Whether every place can be read; on a smaller terminal the delivered layout is shown."""
    return all(s.region.width >= LEAST_WIDTH and s.region.height >= LEAST_HEIGHT for s in slots)


def tree_of(slots: Sequence[Slot]) -> Node | None:
    """The tree of a layout that can be cut from edge to edge; None if it cannot."""
    if len(slots) == 1:
        return Leaf(slots[0].panes)
    left, top = min(s.region.x for s in slots), min(s.region.y for s in slots)
    right, bottom = max(s.region.right for s in slots), max(s.region.bottom for s in slots)
    for across in (False, True):
        for cut in sorted({(s.region.x if across else s.region.y) for s in slots})[1:]:
            before = [s for s in slots if (s.region.right if across else s.region.bottom) <= cut]
            after = [s for s in slots if (s.region.x if across else s.region.y) >= cut]
            if not before or len(before) + len(after) < len(slots):
                continue
            first, second = tree_of(before), tree_of(after)
            if first is None or second is None:
                return None
            whole = (right - left - GAP) if across else (bottom - top)
            size = (cut - GAP - left) if across else (cut - top)
            return Split(across, _bounded(size / max(1, whole)), first, second)
    return None


def split(node: Node, pane: str, *, across: bool) -> Node:
    """Give a pane that shares its place one of its own, beside (across) or below the others."""
    if isinstance(node, Leaf):
        if pane not in node.panes or len(node.panes) < 2:
            return node
        rest = Leaf(tuple(name for name in node.panes if name != pane))
        return Split(across, 0.5, rest, Leaf((pane,)))
    return replace(
        node, first=split(node.first, pane, across=across), second=split(node.second, pane, across=across)
    )


def resize(node: Node, pane: str, *, across: bool, by: float) -> Node:
    """Make a pane's place wider (across) or higher by a share of what it was cut from."""
    found = _resized(node, pane, across=across, by=by)
    return node if found is None else found


def _resized(node: Node, pane: str, *, across: bool, by: float) -> Node | None:
    """The innermost fitting split around the pane changes; None without one."""
    if isinstance(node, Leaf):
        return None
    for part in ("first", "second"):
        inside: Node = getattr(node, part)
        if leaf_of(inside, pane) is None:
            continue
        deeper = _resized(inside, pane, across=across, by=by)
        if deeper is not None:
            return replace(node, first=deeper) if part == "first" else replace(node, second=deeper)
        if node.across is across:
            return replace(node, share=_bounded(node.share + (by if part == "first" else -by)))
    return None


def swap(node: Node, pane: str, other: str) -> Node:
    """The places of two panes change hands, with all that share them."""
    one, two = leaf_of(node, pane), leaf_of(node, other)
    if one is None or two is None or one is two:
        return node
    return _replaced(node, {one: two, two: one}) or node


def join(node: Node, pane: str, other: str) -> Node:
    """A pane takes turns with another one; a place that was its own is given to its neighbour."""
    one, two = leaf_of(node, pane), leaf_of(node, other)
    if one is None or two is None or one is two:
        return node
    rest = tuple(name for name in one.panes if name != pane)
    return _replaced(node, {one: Leaf(rest) if rest else None, two: Leaf((*two.panes, pane))}) or node


def neighbour(slots: Sequence[Slot], pane: str, x: int, y: int) -> str | None:
    """A pane of the place on that side (x: -1 left, 1 right; y: -1 above, 1 below), None at the edge."""
    here = next((slot.region for slot in slots if pane in slot.panes), None)
    if here is None:
        return None

    def apart(region: Region) -> int:
        if x:
            return region.x - here.right if x > 0 else here.x - region.right
        return region.y - here.bottom if y > 0 else here.y - region.bottom

    def beside(region: Region) -> int:
        if x:
            return min(here.bottom, region.bottom) - max(here.y, region.y)
        return min(here.right, region.right) - max(here.x, region.x)

    near = [s for s in slots if 0 <= apart(s.region) <= GAP and beside(s.region) > 0]
    return max(near, key=lambda s: beside(s.region)).panes[0] if near else None


def to_plain(node: Node) -> dict[str, Any]:
    """As JSON."""
    if isinstance(node, Leaf):
        return {"panes": list(node.panes)}
    return {
        "split": "across" if node.across else "down",
        "share": round(node.share, 3),
        "first": to_plain(node.first),
        "second": to_plain(node.second),
    }


def from_plain(value: Any, panes: Sequence[str]) -> Node | None:
    """A tree of exactly these panes, whatever the file says; None if it says nothing of use.

    Panes that are no more are left out, new ones share the last place.
    """
    found = _read(value, set(panes), 0)
    if found is None:
        return None
    missing = tuple(name for name in panes if leaf_of(found, name) is None)
    if not missing:
        return found
    last = list(leaves(found))[-1]
    return _replaced(found, {last: Leaf((*last.panes, *missing))})


def _read(value: Any, left: set[str], depth: int) -> Node | None:
    if not isinstance(value, dict) or depth > DEEPEST:
        return None
    names = value.get("panes")
    if isinstance(names, list):
        kept = tuple(dict.fromkeys(name for name in names if isinstance(name, str) and name in left))
        left.difference_update(kept)
        return Leaf(kept) if kept else None
    first, second = _read(value.get("first"), left, depth + 1), _read(value.get("second"), left, depth + 1)
    if first is None or second is None:
        return first or second
    share = value.get("share")
    wanted = float(share) if isinstance(share, int | float) else math.nan
    return Split(
        value.get("split") == "across", _bounded(0.5 if math.isnan(wanted) else wanted), first, second
    )


def _replaced(node: Node, others: dict[Leaf, Leaf | None]) -> Node | None:
    """The tree with other leaves; a split that loses one becomes the other."""
    if isinstance(node, Leaf):
        return others.get(node, node)
    first, second = _replaced(node.first, others), _replaced(node.second, others)
    if first is None or second is None:
        return first or second
    return replace(node, first=first, second=second)


def _bounded(share: float) -> float:
    return min(max(share, LEAST_SHARE), MOST_SHARE)
