"""Which desk a command works on: its paths, its settings, its engine's socket.

`--config` and `--data-dir` may stand anywhere on the command line, so they are taken out before the command
reads its own options. A command gets the desk by `desk_of(ctx)`.
"""

from __future__ import annotations

from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from hedge_tui.domain.errors import CommandError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import typer

    from hedge_tui.config import Paths, Settings

OPTIONS = {"--config": "config_file", "--data-dir": "data_dir"}


class Desk:
    """One desk: what it is called on disk is known at once, files are read when they are asked for.

    Args:
        config_file, data_dir: as given on the command line, or None for the usual places.
    """

    def __init__(self, config_file: Path | None = None, data_dir: Path | None = None) -> None:
        self.given = (config_file, data_dir)

    @cached_property
    def paths(self) -> Paths:
        """Configuration file and data directory, absolute."""
        from hedge_tui.config import locate

        return locate(*self.given)

    @property
    def data_dir_given(self) -> bool:
        """Whether `--data-dir` was on the command line."""
        return self.given[1] is not None

    @cached_property
    def settings(self) -> Settings:
        """The configuration; the defaults when there is no file and none was named.

        Raises:
            ConfigError: the file is wrong, or a named one is missing.
        """
        from hedge_tui.config import load
        from hedge_tui.domain.errors import ConfigError

        if self.given[0] is not None and not self.paths.config_file.exists():
            raise ConfigError(f"{self.paths.config_file} does not exist; it was named by --config")
        return load(self.paths.config_file)

    @property
    def socket(self) -> Path:
        """Where this desk's engine listens."""
        from hedge_tui.wire.address import runtime_socket

        configured = self.settings.engine.runtime_dir
        return runtime_socket(self.paths.data_dir, Path(configured).expanduser() if configured else None)


def take_desk(arguments: Sequence[str]) -> tuple[Desk, list[str]]:
    """The desk that the arguments name, and the arguments without those two options.

    What stands behind a bare `--` is left alone.

    Raises:
        CommandError: an option without its path.
    """
    given: dict[str, Path] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        if word == "--":
            rest += [word, *words]
            break
        option, equals, path = word.partition("=")
        if option not in OPTIONS:
            rest.append(word)
            continue
        if not equals:
            path = next(words, "")
        if not path:
            raise CommandError(f"{option} needs a path", hint=f"hedge {option} PATH ...")
        given[OPTIONS[option]] = Path(path).expanduser()
    return Desk(**given), rest


def desk_of(ctx: typer.Context) -> Desk:
    """The desk of the running command."""
    desk = ctx.obj
    assert isinstance(desk, Desk)
    return desk
