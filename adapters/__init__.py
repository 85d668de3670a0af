"""Venues, real and simulated: they implement the ports of the domain and know nothing of the engine."""
