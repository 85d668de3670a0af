"""The sandbox venue: a process that speaks Binance spot and USD-M futures over TLS on loopback.

Started by `hedge sandbox`, by `make demo` and by tests; `serve.serve` is the way in.
"""
