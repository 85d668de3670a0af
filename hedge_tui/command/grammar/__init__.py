"""The grammar, one module a family: each reads its part at a cursor and refuses what it cannot read."""
