"""What a console remembers over a restart, such as how tables are arranged: one small private JSON file.

Several consoles may share it: each writes only what it changed itself. A file that cannot be read is put
aside and said, never a crash and never lost.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from hedge_tui.config import write_private_file

if TYPE_CHECKING:
    from pathlib import Path

VERSION = 1
MOST_BYTES = 4_000_000


class KeptState:
    """Values by section and name.

    Args:
        path: of the file; None remembers nothing over a restart. It is written with mode 0600.

    Attributes:
        problem: what was wrong with the file, for the trader; "" if nothing was.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._changed: dict[tuple[str, str], Any] = {}
        self.problem = ""
        self._values = self._read()

    def get(self, section: str, name: str) -> Any:
        """What was put there, None if nothing was."""
        return self._values.get(section, {}).get(name)

    def names(self, section: str) -> list[str]:
        """Names in a section, in alphabetical order."""
        return sorted(self._values.get(section, {}))

    def put(self, section: str, name: str, value: Any) -> None:
        """Remember a plain value; None forgets it. Nothing is written yet."""
        if value == self.get(section, name):
            return
        _set(self._values, section, name, value)
        self._changed[section, name] = value

    @property
    def dirty(self) -> bool:
        """Whether there is something to write."""
        return bool(self._changed) and self._path is not None

    def write(self) -> None:
        """Write what changed into the file as it is now; blocks for as long as the disk takes."""
        changed, self._changed = self._changed, {}
        if self._path is None or not changed:
            return
        values = self._read()
        for (section, name), value in changed.items():
            _set(values, section, name, value)
        text = json.dumps({"version": VERSION, **values}, indent=1, ensure_ascii=False, sort_keys=True)
        try:
            write_private_file(self._path, text.encode())
        except OSError as error:
            self.problem = f"{self._path} cannot be written ({error.strerror}): tables are not remembered"
            self._path = None

    def _read(self) -> dict[str, dict[str, Any]]:
        if self._path is None:
            return {}
        try:
            if self._path.stat().st_size > MOST_BYTES:
                return self._put_aside(f"is larger than {MOST_BYTES:,} bytes")
            found = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except OSError as error:
            self.problem = f"{self._path} cannot be read ({error.strerror}): tables are not remembered"
            self._path = None
            return {}
        except (ValueError, RecursionError):
            return self._put_aside("is not what this console wrote")
        if not isinstance(found, dict) or found.get("version") != VERSION:
            version = found.get("version") if isinstance(found, dict) else None
            return self._put_aside(f"has version {version!r}, this console writes {VERSION}")
        return {key: value for key, value in found.items() if isinstance(value, dict)}

    def _put_aside(self, what: str) -> dict[str, dict[str, Any]]:
        assert self._path is not None, "read before"
        beside = (self._path.with_name(f"{self._path.name}.aside-{n}") for n in range(1, 1_000))
        aside = next((path for path in beside if not path.exists()), None)
        try:
            if aside is not None:
                self._path.rename(aside)
        except OSError:
            aside = None
        if aside is None:
            self.problem = f"{self._path} {what} and cannot be put aside: tables are not remembered"
            self._path = None
        else:
            self.problem = f"{self._path} {what}: kept as {aside.name}, tables begin as they are delivered"
        return {}


def _set(values: dict[str, dict[str, Any]], section: str, name: str, value: Any) -> None:
    if value is None:
        values.get(section, {}).pop(name, None)
    else:
        values.setdefault(section, {})[name] = value
