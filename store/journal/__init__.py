"""The durable record of acts: what the desk must know again after a crash."""
