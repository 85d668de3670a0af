"""The vocabulary of the desk: frozen values and the ports that adapters and store implement.

Standard library only (numpy in `series.py` alone), so that every other package can import it.
"""
