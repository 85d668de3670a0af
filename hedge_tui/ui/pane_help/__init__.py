"""Help for what is on the screen: panes by their keys and columns, commands by the language's own texts."""
