"""The trader's command language."""
