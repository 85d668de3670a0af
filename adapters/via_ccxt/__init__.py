"""Any venue that ccxt.pro knows: public data, and the private side of accounts. Entered by `factory`."""
