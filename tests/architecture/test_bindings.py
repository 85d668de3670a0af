"""Every key binding has an id, each id is used once, so that `[keys]` can rebind exactly one thing."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator


def bindings(product: dict[str, ast.Module]) -> Iterator[tuple[str, str | None]]:
    """Place and id of every `Binding(...)` of the console."""
    for name, tree in product.items():
        if not name.startswith("hedge_tui/ui/"):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Binding":
                given = {word.arg: word.value for word in node.keywords}
                value = given.get("id")
                yield f"{name}:{node.lineno}", value.value if isinstance(value, ast.Constant) else None


def test_every_binding_has_an_id(product: dict[str, ast.Module]) -> None:
    assert [place for place, binding in bindings(product) if binding is None] == []


def test_ids_are_unique(product: dict[str, ast.Module]) -> None:
    places: dict[str, list[str]] = defaultdict(list)
    for place, binding in bindings(product):
        if binding is not None:
            places[binding].append(place)
    assert {binding: found for binding, found in places.items() if len(found) > 1} == {}


def test_no_bindings_as_bare_tuples(product: dict[str, ast.Module]) -> None:
    """A tuple binding cannot carry an id."""
    strays = [
        f"{name}:{element.lineno}"
        for name, tree in product.items()
        if name.startswith("hedge_tui/ui/")
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign | ast.AnnAssign)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name) and target.id == "BINDINGS" and isinstance(node.value, ast.List)
        for element in node.value.elts
        if isinstance(element, ast.Tuple)
    ]
    assert strays == []
