"""Hot widgets of the console: what moves many times a second and stock widgets are too slow for."""
