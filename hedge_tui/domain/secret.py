"""A value that never shows itself: not in repr, str, format, pickle or a traceback's locals."""

from __future__ import annotations

from typing import NoReturn


class Secret:
    """Holds one secret text; `reveal()` is the only way to it.

    Compare secrets by revealing both where it is needed; equality is by identity on purpose.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The secret text itself; hand it on at once, store it nowhere."""
        return self._value

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is not serialised")
