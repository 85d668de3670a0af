"""The story of one world, line by line: python tests/faults/world/show.py SEED [regular expression]"""

from __future__ import annotations

import logging
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from faults.world.scenario import draw
from faults.world.world import turn


def story(seed: int, pattern: str = "") -> str:
    """The scenario, what happened where it fits the pattern, and what was not kept."""
    lines: list[str] = []
    figures = turn(seed, story=lines)
    told = [line for line in lines if re.search(pattern, line)]
    broken = [str(one) for one in figures.broken] or ["every promise was kept"]
    return "\n".join([str(draw(seed)), *told, *broken])


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    print(story(int(sys.argv[1]), *sys.argv[2:3]))
