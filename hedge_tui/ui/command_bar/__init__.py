"""The line at the bottom into which commands are typed: input, completion, history, what is wrong."""
