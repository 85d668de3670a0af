"""Binance spot as the sandbox speaks it: payloads, REST handlers, user stream."""
