"""What is kept on this machine: the journal of acts and the history of candles and equity."""
