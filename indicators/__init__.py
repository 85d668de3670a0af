"""Indicators over arrays of closed candles; imports numpy and TA-Lib, and nothing of the desk."""
