"""Every halt, reducing, resume and limit that the grammar can make."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from hedge_tui.command.ast import Hold, Limit, Raw


def restraints(
    scopes: st.SearchStrategy[Any], numbers: st.SearchStrategy[Any], prose: st.SearchStrategy[str]
) -> st.SearchStrategy[tuple[str, Any]]:
    """(verb, body); `scopes` may be None, `prose` is free text."""
    origins = st.sampled_from([(), ("cli",), ("keyboard", "rule:dip")])
    reasons = st.one_of(st.none(), prose.map(Raw))
    return st.one_of(
        st.tuples(st.sampled_from(["halt", "reducing"]), st.builds(Hold, scopes, origins, reasons)),
        st.tuples(st.just("resume"), st.builds(Hold, scopes, origins)),
        st.tuples(st.just("limit"), st.builds(Limit, scope=scopes)),
        st.tuples(
            st.just("limit"),
            st.builds(
                Limit,
                st.sampled_from(["max_order_notional", "max_leverage"]),
                value=st.one_of(st.none(), numbers, st.just("default")),
                scope=scopes,
            ),
        ),
        st.tuples(
            st.just("limit"),
            st.builds(
                Limit,
                st.just("max_day_quantity"),
                st.sampled_from(["BTC", "ETH/USDT:USDT", "binance:BTC/USDT"]),
                st.one_of(st.none(), numbers),
                scopes,
            ),
        ),
        st.tuples(
            st.just("limit"),
            st.builds(
                Limit,
                st.sampled_from(["allow", "deny"]),
                value=st.sampled_from([(), ("*",), ("BTC/*", "binance:*"), ("DOGE/USDT:USDT",)]),
            ),
        ),
    )
