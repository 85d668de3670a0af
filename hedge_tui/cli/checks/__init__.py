"""What `hedge doctor` looks at, one family a file: machine, terminal, folders, desk.

A check returns findings and raises nothing for what it finds; what it needs from outside is passed in.
"""
