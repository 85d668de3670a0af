"""The screens of the console, one key each, built when first opened."""
