"""Fixtures of the console's tests."""

from console_desk import console, desk

__all__ = ["console", "desk"]
