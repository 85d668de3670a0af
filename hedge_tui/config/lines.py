"""On which line of a TOML file a key stands, so that an error can name it.

`tomllib` tells no positions. The scanner here only reads files that `tomllib` has already accepted; it skips
values and collects headers and keys. Called by `hedge_tui.config.file`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

Path = tuple[str | int, ...]
"""Keys from the top; an int is the index in an array of tables: ("accounts", 0, "name")."""


def key_lines(text: str) -> dict[Path, int]:
    r"""Line numbers, counted from 1, of every header and key of a valid TOML text.

    Keys inside inline tables are not listed: their line is that of the key that holds the table.

    >>> key_lines('[desk]\ntimezone = "UTC"')
    {('desk',): 1, ('desk', 'timezone'): 2}
    """
    return _Scan(text.replace("\r\n", "\n")).run()


def line_of(lines: dict[Path, int], path: Path) -> int:
    """The line of `path`, or of the nearest thing around it that has one; 1 when there is none."""
    while path:
        if path in lines:
            return lines[path]
        path = path[:-1]
    return 1


@dataclass(slots=True)
class _Scan:
    text: str
    at: int = 0
    table: Path = ()
    lines: dict[Path, int] = field(default_factory=dict)
    arrays: dict[Path, int] = field(default_factory=dict)

    def run(self) -> dict[Path, int]:
        while self._skip_blank():
            line = self.text.count("\n", 0, self.at) + 1
            if self.text.startswith("[[", self.at):
                self.at += 2
                self._enter_array(self._keys("]"), line)
                self.at += 2
            elif self.text[self.at] == "[":
                self.at += 1
                self.table = self._resolved(self._keys("]"))
                self.lines.setdefault(self.table, line)
                self.at += 1
            else:
                keys = self._keys("=")
                self.at += 1
                self.lines.setdefault(self.table + keys, line)
                self._skip_value()
        return self.lines

    def _enter_array(self, keys: Path, line: int) -> None:
        path = self._resolved(keys[:-1]) + keys[-1:]
        index = self.arrays.get(path, -1) + 1
        self.arrays[path] = index
        self.table = (*path, index)
        self.lines[self.table] = line

    def _resolved(self, keys: Path) -> Path:
        """A header's keys with the current index put in behind each array of tables."""
        path: Path = ()
        for key in keys:
            path = (*path, key)
            if path in self.arrays:
                path = (*path, self.arrays[path])
        return path

    def _skip_blank(self) -> bool:
        """Move to the next header or key; False at the end of the text."""
        while self.at < len(self.text):
            if self.text[self.at] == "#":
                self._to_line_end()
            elif self.text[self.at].isspace():
                self.at += 1
            else:
                return True
        return False

    def _to_line_end(self) -> None:
        end = self.text.find("\n", self.at)
        self.at = len(self.text) if end < 0 else end

    def _keys(self, closing: str) -> Path:
        """A dotted key up to `closing`, which is left in place."""
        keys: list[str | int] = []
        word = ""
        while (char := self.text[self.at]) != closing:
            if char in "\"'":
                start = self.at + 1
                self._skip_string()
                word = self.text[start : self.at - 1]
                continue
            if char == ".":
                keys.append(word)
                word = ""
            elif not char.isspace():
                word += char
            self.at += 1
        keys.append(word)
        return tuple(keys)

    def _skip_value(self) -> None:
        """Past one value: to the end of its line, or to the bracket that closes it."""
        depth = 0
        while self.at < len(self.text):
            char = self.text[self.at]
            if char in "\"'":
                self._skip_string()
                continue
            if char == "#":
                self._to_line_end()
                continue
            if char == "\n" and depth == 0:
                return
            depth += (char in "[{") - (char in "]}")
            self.at += 1

    def _skip_string(self) -> None:
        quote = self.text[self.at]
        triple = self.text.startswith(quote * 3, self.at)
        mark = quote * 3 if triple else quote
        self.at += len(mark)
        while not self.text.startswith(mark, self.at):
            self.at += 2 if quote == '"' and self.text[self.at] == "\\" else 1
        self.at += len(mark)
        # One or two more quotes may belong to the content of a multi-line string: """"a"""".
        while triple and self.text.startswith(quote, self.at):
            self.at += 1
