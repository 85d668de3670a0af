"""Columns of every table of the console, one module per topic, in the words of `wire.topics`."""
