"""The journal for readers: acts in words, the fold at any moment, and why something was done."""
