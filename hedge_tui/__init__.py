"""A keyboard-driven terminal trading console for many accounts on many venues."""

__version__ = "0.1.0"
