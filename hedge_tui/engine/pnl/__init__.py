"""Profit and loss of the desk: by day, session, account, instrument and tag, asset by asset."""
