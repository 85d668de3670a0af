"""What the engine asks of the world: protocols that adapters, store and tests implement."""
