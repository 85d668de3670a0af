"""Loads one venue's ccxt.pro class without the other hundred: a third of the memory and of the time.

`import ccxt.pro` imports every venue (110 MiB, 0.5 to 0.8 s). Here the packages `ccxt`,
`ccxt.async_support` and `ccxt.pro` are stood in for by modules with the real search path and the
base names, whose `__getattr__` imports a venue when it is first named. Called by `instance`.
"""

from __future__ import annotations

import decimal
import functools
import importlib
import importlib.util
import logging
import sys
from types import ModuleType
from typing import Any

_log = logging.getLogger(__name__)
_PACKAGES = ("ccxt", "ccxt.async_support", "ccxt.pro")


class _VenuePackage(ModuleType):
    """A package that imports a submodule's namesake class when it is asked for."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        full = f"{self.__name__}.{name}"
        try:
            module = importlib.import_module(full)
        except ModuleNotFoundError as error:
            # A missing library of the venue's own is not a missing venue.
            if error.name == full:
                raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}") from None
            raise
        return vars(self).get(name, module)

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system hangs each submodule on its package; in the real one the class of the same
        # name stands there instead, and ccxt relies on it (`import ccxt.async_support.x as x`).
        if isinstance(value, ModuleType):
            value = vars(value).get(name, value)
        super().__setattr__(name, value)


def venue_class(venue: str) -> Any:
    """The ccxt.pro class of `venue`, such as `binanceusdm`.

    Raises:
        LookupError: ccxt.pro knows no such venue.
    """
    if not venue.isidentifier() or venue.startswith("_"):
        raise LookupError(f"ccxt.pro knows no venue {venue!r}")
    if "ccxt" not in sys.modules and not _install():
        _uninstall()
    module = importlib.import_module("ccxt.pro")
    _keep_decimals()
    try:
        found = getattr(module, venue)
    except AttributeError:
        raise LookupError(f"ccxt.pro knows no venue {venue!r}") from None
    # Asking for a helper such as `base` or `Exchange` is not asking for a venue.
    if not isinstance(found, type) or not getattr(found, "describe", None) or venue == "Exchange":
        raise LookupError(f"ccxt.pro knows no venue {venue!r}")
    return found


def _install() -> bool:
    """Put the stand-ins in place; False when this ccxt is laid out in another way than expected."""
    try:
        for name in _PACKAGES:
            spec = importlib.util.find_spec(name)
            if spec is None or spec.submodule_search_locations is None:
                return False
            module = _VenuePackage(name)
            module.__path__ = list(spec.submodule_search_locations)
            module.__spec__ = spec
            module.__package__ = name
            module.__file__ = spec.origin
            sys.modules[name] = module
            parent, _, leaf = name.rpartition(".")
            if parent:
                setattr(sys.modules[parent], leaf, module)
        _fill()
    except Exception:  # noqa: BLE001 - whatever a changed ccxt does here, the plain import still works
        _log.warning("the lean loader does not fit this ccxt; importing all of it", exc_info=True)
        return False
    return True


def _fill() -> None:
    """Give the stand-ins the names that ccxt's own modules take from them."""
    errors = importlib.import_module("ccxt.base.errors")
    precision = importlib.import_module("ccxt.base.decimal_to_precision")
    _keep_decimals()
    precise = importlib.import_module("ccxt.base.precise")
    top = sys.modules["ccxt"]
    shared = {
        name: value
        for source in (errors, precision)
        for name, value in vars(source).items()
        if not name.startswith("_") and (isinstance(value, type | int) or callable(value))
    }
    for name in _PACKAGES:
        vars(sys.modules[name]).update(shared)
        vars(sys.modules[name])["errors"] = errors
        vars(sys.modules[name])["Precise"] = precise.Precise
    top.Exchange = importlib.import_module("ccxt.base.exchange").Exchange  # type: ignore[attr-defined]
    async_base = importlib.import_module("ccxt.async_support.base.exchange")
    version = async_base.__version__
    for name in _PACKAGES:
        vars(sys.modules[name])["__version__"] = version
    for name in _PACKAGES[1:]:
        vars(sys.modules[name])["Exchange"] = async_base.Exchange


def _keep_decimals() -> None:
    """Let ccxt round in a decimal context of its own: it changes the running one for good.

    Ours would otherwise round halves up from the first order on, and a replay of the journal, which has no
    ccxt beside it, would come to other last digits.
    """
    module = importlib.import_module("ccxt.base.decimal_to_precision")
    inner = module.decimal_to_precision
    if getattr(inner, "keeps_context", False):
        return

    @functools.wraps(inner)
    def kept(*args: Any, **more: Any) -> Any:
        with decimal.localcontext():
            return inner(*args, **more)

    kept.keeps_context = True  # type: ignore[attr-defined]
    for name, holder in list(sys.modules.items()):
        if name.startswith("ccxt") and vars(holder).get("decimal_to_precision") is inner:
            holder.decimal_to_precision = kept  # type: ignore[attr-defined]


def _uninstall() -> None:
    for name in [n for n in sys.modules if n == "ccxt" or n.startswith("ccxt.")]:
        del sys.modules[name]
