"""Turns TOML tables into the frozen settings, strictly: every key known, every type right, every bound kept.

The dataclasses of `settings.py` are the schema: their annotations give types and bounds.
Called by `hedge_tui.config.file`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from types import NoneType, UnionType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from hedge_tui.config.place import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from hedge_tui.config.place import Place

T = TypeVar("T")


def read_table(kind: type[T], table: object, place: Place) -> T:
    """Build the frozen dataclass `kind` from a TOML table.

    Raises:
        ConfigError: naming file, line and both values; for an unknown key the nearest known one.
    """
    if not isinstance(table, dict):
        raise place.error(f"{place.key} is {_shown(table)}; write a table: {place.title}")
    fields = {f.name: f for f in dataclasses.fields(cast("Any", kind))}
    hints = get_type_hints(kind, include_extras=True)
    for key in table:
        if key not in fields:
            raise place.at(key).error(f'unknown key "{key}" in {place.title}; {nearest(key, fields)}')
    values = {key: _value(hints[key], raw, place.at(key)) for key, raw in table.items()}
    for name, one in fields.items():
        if (
            name not in table
            and one.default is dataclasses.MISSING
            and one.default_factory is dataclasses.MISSING
        ):
            raise place.error(f'{place.title} lacks the key "{name}"')
    return kind(**values)


def _value(hint: Any, raw: object, place: Place) -> Any:
    """`raw` as the annotated type `hint`."""
    origin = get_origin(hint)
    if origin in (Union, UnionType):
        # X | None: None is what a missing key gives; TOML itself has no such value.
        (hint,) = (one for one in get_args(hint) if one is not NoneType)
        return _value(hint, raw, place)
    if origin is Annotated:
        inner, bounds = get_args(hint)
        value = _value(inner, raw, place)
        bounds.check(value, place)
        return value
    reader = {tuple: _tuple, Mapping: _mapping}.get(origin) or _reader_of_class(hint)
    return reader(hint, raw, place)


def _reader_of_class(kind: Any) -> Callable[[Any, object, Place], Any]:
    if dataclasses.is_dataclass(kind):
        return read_table
    return _choice if issubclass(kind, StrEnum) else _scalar


def _tuple(hint: Any, raw: object, place: Place) -> tuple[Any, ...]:
    if not isinstance(raw, list):
        raise place.error(f'{place.key} is {_shown(raw)}; write a list such as ["a", "b"]')
    inner = get_args(hint)[0]
    return tuple(_value(inner, one, place.at(index)) for index, one in enumerate(raw))


def _mapping(hint: Any, raw: object, place: Place) -> Mapping[str, Any]:
    if not isinstance(raw, dict):
        raise place.error(f"{place.key} is {_shown(raw)}; write a table: {place.title}")
    inner = get_args(hint)[1]
    return {key: _value(inner, one, place.at(key)) for key, one in raw.items()}


def _choice(kind: type[StrEnum], raw: object, place: Place) -> StrEnum:
    words = [one.value for one in kind]
    if not isinstance(raw, str) or raw not in words:
        raise place.error(f"{place.key} is {_shown(raw)}; write one of: {', '.join(words)}")
    return kind(raw)


def _scalar(kind: Any, raw: object, place: Place) -> Any:
    if kind is Decimal and isinstance(raw, int | Decimal) and not isinstance(raw, bool):
        number = Decimal(raw)
        if number.is_finite():
            return number
    elif type(raw) is kind:
        return raw
    wanted = {
        bool: "true or false",
        int: "a whole number such as 30",
        Decimal: "a number such as 2.5, without quotes",
        str: 'text in quotes such as "BTC"',
    }[kind]
    raise place.error(f"{place.key} is {_shown(raw)}; write {wanted}")


def _shown(raw: object) -> str:
    """A raw TOML value with the name of its type, for messages."""
    match raw:
        case bool():
            return f"{str(raw).lower()} (true or false)"
        case int():
            return f"{raw} (a whole number)"
        case Decimal():
            return f"{raw} (a decimal number)"
        case str():
            return f'"{raw}" (text)'
        case list() | dict():
            return "a list" if isinstance(raw, list) else "a table"
    return f"{raw} ({type(raw).__name__})"
