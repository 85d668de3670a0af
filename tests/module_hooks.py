"""Changes modules of the product as they are loaded, from outside it: for `sitecustomize` files of tests.

Such a file stands beside a copy of this one in a folder of PYTHONPATH, so it imports nothing else of ours.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from importlib.machinery import PathFinder
from typing import Any


class HookFinder:
    """Lets a module load as ever, and hooks it then."""

    def __init__(self, hooks: Mapping[str, Callable[[Any], None]]) -> None:
        self._hooks = hooks

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> Any:
        hook = self._hooks.get(name)
        spec = PathFinder.find_spec(name, path, target) if hook is not None else None
        if spec is None or spec.loader is None or hook is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            hook(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def install(hooks: Mapping[str, Callable[[Any], None]]) -> None:
    """Call each hook with its module when that is first imported in this interpreter."""
    sys.meta_path.insert(0, HookFinder(hooks))  # type: ignore[arg-type]
