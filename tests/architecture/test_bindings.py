"""Every key binding of ours has an id, and an id means one thing, so that `[keys]` rebinds exactly that."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import defaultdict
from typing import Any

import pytest

# In a process of its own: the console's modules are not to be loaded into the other tests.
COLLECT = """
import importlib, json, pkgutil
import hedge_tui.ui as top
found = {}
for one in pkgutil.walk_packages(top.__path__, top.__name__ + "."):
    module = importlib.import_module(one.name)
    for kind in list(vars(module).values()):
        if isinstance(kind, type) and kind.__module__.startswith("hedge_tui.ui") and "BINDINGS" in vars(kind):
            for binding in kind.BINDINGS:
                plain = isinstance(binding, tuple)
                place = f"{kind.__module__}.{kind.__qualname__} {binding[0] if plain else binding.key}"
                found[place] = (None if plain else binding.id, id(binding))
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def bindings() -> dict[str, Any]:
    """Place -> (id or None, identity of the binding object) for every class with bindings of its own."""
    done = subprocess.run(
        [sys.executable, "-c", COLLECT], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def test_every_binding_has_an_id(bindings: dict[str, Any]) -> None:
    """A tuple instead of a Binding cannot carry one."""
    assert [place for place, (binding, _) in bindings.items() if binding is None] == []


def test_an_id_means_one_thing(bindings: dict[str, Any]) -> None:
    meanings: dict[str, set[int]] = defaultdict(set)
    for binding, identity in bindings.values():
        if binding is not None:
            meanings[binding].add(identity)
    twice = {binding for binding, found in meanings.items() if len(found) > 1}
    assert {place: binding for place, (binding, _) in bindings.items() if binding in twice} == {}
