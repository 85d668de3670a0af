"""The local history: closed candles and equity, newest in DuckDB, the rest in Parquet files.

Imported by the history worker alone; everybody else speaks to it through `store.client`.
"""
