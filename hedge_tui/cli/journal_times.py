"""Points of time behind us, as `hedge journal` takes them: 2h (ago), 14:00 (the last), 2026-11-20T14:00."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import tzinfo

DAY_NS = 86_400 * 10**9
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


def past_ns(text: str, now_ns: int, zone: tzinfo) -> int:
    """UTC nanoseconds of a moment in the past.

    Raises:
        CommandError: it is no time.

    >>> from datetime import UTC
    >>> past_ns("2h", 10 * 3600 * 10**9, UTC) // 10**9
    28800
    """
    from hedge_tui.command.ast.moment import Duration
    from hedge_tui.command.grammar.moments import moment_ns, read_moment

    if _DAY.fullmatch(text):
        text += "T00:00"
    moment = read_moment(text.replace(" ", "T"), (0, len(text)), "2h, 14:00 or 2026-11-20T14:00")
    if isinstance(moment, Duration):
        return now_ns - moment.ns
    at_ns = moment_ns(moment, now_ns, zone)
    # A clock time is the next one in the language of orders, the last one here.
    return at_ns - DAY_NS if at_ns > now_ns and ":" in text and "-" not in text else at_ns
