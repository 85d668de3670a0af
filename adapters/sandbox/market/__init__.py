"""The markets of the sandbox venue: a seeded price history without end, and the public streams made of it.

The server of `adapters.sandbox` steps a `MarketSimulation` (or a `ReplaySimulation`), feeds its updates
to the matching core, and hands them to a `StreamHub` that builds the public websocket frames.
"""
