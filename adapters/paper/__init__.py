"""A simulated venue without clock, socket, task or file: matching and accounting only.

`adapters.sandbox` serves it over TLS, simulated-time tests put it in one process with the engine, and
`mode = "paper"` feeds it a real venue's public data. Every call takes the time and returns the
events that it caused, so equal calls always give equal answers.
"""
