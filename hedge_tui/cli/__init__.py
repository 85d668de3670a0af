"""The command line: one module per command group, imported only when its command is used.

`main.py` finds the module of a command in `commands.py`, hands it the desk (`desk.py`) and turns what comes
back into an exit code (`exits.py`). `output.py` prints.
"""
