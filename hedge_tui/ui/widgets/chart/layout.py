"""How the lines of a chart are shared out between price, volume and panes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Layout:
    """Cells of each part; a height of 0 means that there is no room for it.

    Attributes:
        header, legend: 1 or 0 lines on top.
        top, lines: the price plot.
        volume: lines below it.
        panes: (top, lines) of each pane that fits, in order; the first line is its title.
        time: line of the time axis, or -1.
        plot: cells of the plot's width. axis: cells for the scale on its right.
    """

    header: int
    legend: int
    top: int
    lines: int
    volume: int
    panes: tuple[tuple[int, int], ...]
    time: int
    plot: int
    axis: int


def lay_out(width: int, height: int, panes: int, axis: int) -> Layout:
    """Share out `width` x `height` cells; small screens lose panes first, then volume, then the axes.

    Args:
        width: of the whole chart.
        height: likewise.
        panes: how many are wanted.
        axis: cells the longest price label takes.
    """
    header = int(height >= 3)
    legend = int(height >= 12)
    time = int(height >= 6)
    rest = height - header - legend - time
    volume = min(8, rest // 7) if rest >= 12 else 0
    each = max(4, min(9, rest // 5))
    fitting = max(0, min(panes, (rest - volume - 8) // each))
    lines = max(0, rest - volume - fitting * each)
    axis = axis + 2 if width >= axis + 16 else 0
    top = header + legend
    below = top + lines + volume
    return Layout(
        header=header,
        legend=legend,
        top=top,
        lines=lines,
        volume=volume,
        panes=tuple((below + nth * each, each) for nth in range(fitting)),
        time=height - 1 if time else -1,
        plot=max(0, width - axis),
        axis=axis,
    )
