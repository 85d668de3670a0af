"""What went over the wire and what was shown in a scene, in order of time: for who reads a failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faults.sockets.scene import Scene

LINES = 120
"""The newest that are told."""


async def story(scene: Scene) -> str:
    """A line for each request, change at the venue, change on the desk and notice, in seconds."""
    lines = [(row["real_ns"], f"venue  {_said(row)}") for row in await scene.rows("request", "order", "fill")]
    for id_, rows in scene.seen.items():
        lines += [(seen.at_ns, f"desk   {id_[:6]} {seen.status} {seen.filled:g}") for seen in rows]
    lines += [(at, f"said   {text}") for at, text in scene.bench.watch.log(scene.account, scene.began_ns)]
    return "\n".join(f"{(at - scene.began_ns) / 1e9:7.2f} {words}" for at, words in sorted(lines)[-LINES:])


def _said(row: dict[str, Any]) -> str:
    match row["kind"]:
        case "request":
            return f"request {row['method']} {row['path']} {row['status']} {row['outcome']}"
        case "order":
            return f"order {row['client_order_id'][:6]} {row['change']} {row['status']} {row['executed']}"
        case _:
            return f"fill {row['client_order_id'][:6]} {row['quantity']} at {row['price']}"
