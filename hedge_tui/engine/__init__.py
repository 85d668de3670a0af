"""The headless engine: one writer of state, journal first, venue second.

It runs without any screen; consoles and commands are clients of its socket.
"""
