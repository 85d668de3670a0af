"""API keys: the encrypted vault, the ways to open it, and keeping secrets out of memory dumps and logs."""
