"""Binance USD-M futures as the sandbox speaks it: payloads, REST handlers, user stream."""
