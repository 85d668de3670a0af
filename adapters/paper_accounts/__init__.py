"""Paper accounts inside the engine: the matching core fed by a real venue's live public data."""
