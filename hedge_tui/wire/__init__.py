"""What console and engine say to each other: messages, codec and client.

The console, every CLI command and the engine's server import this package; it imports only the domain.
"""
