"""What may go wrong with what is held: pure arithmetic over positions, orders and prices."""
