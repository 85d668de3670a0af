"""What clients see: one table or document per topic, recomputed only where something changed."""
