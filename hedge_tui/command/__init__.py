"""The trader's command language: one typed line becomes a tree of frozen values.

Pure: no clock, no socket, no state. The engine's planner turns the tree into an order plan, the console uses
`complete` and `help_for`, the command line uses `parse` to refuse a bad line before it leaves the shell.

    parse(text) -> Line                      raises CommandError with the span of the offending characters
    parse_expanded(text, aliases) -> Parsed  the same with the trader's aliases written out
    to_text(line) -> str                     canonical text; parse(to_text(line)) equals line but for spans
    complete(text, cursor, vocabulary)       what may stand at the cursor
    resolve_symbol(text, instruments, venue) which instrument a typed symbol means
    require_spread(size, accounts, symbols)  refuses one size over many that does not say how
    unit_role(size, base, quote)             whether a size is base units, quote or dollars
    moment_ns(moment, now_ns, zone)          when a typed time is
"""

from hedge_tui.command.aliases import Expansion, expand
from hedge_tui.command.canonical import price_text, size_text, to_text
from hedge_tui.command.completion import Completion, Vocabulary, complete
from hedge_tui.command.grammar.moments import moment_ns
from hedge_tui.command.grammar.spread import require_spread
from hedge_tui.command.grammar.units import UnitRole, unit_role
from hedge_tui.command.help import HELP, HelpText, help_for
from hedge_tui.command.parser import Parsed, parse, parse_expanded
from hedge_tui.command.symbol_index import SymbolIndex
from hedge_tui.command.symbols import Ambiguous, Resolved, Unknown, resolve_symbol, symbol_error

__all__ = [
    "HELP",
    "Ambiguous",
    "Completion",
    "Expansion",
    "HelpText",
    "Parsed",
    "Resolved",
    "SymbolIndex",
    "UnitRole",
    "Unknown",
    "Vocabulary",
    "complete",
    "expand",
    "help_for",
    "moment_ns",
    "parse",
    "parse_expanded",
    "price_text",
    "require_spread",
    "resolve_symbol",
    "size_text",
    "symbol_error",
    "to_text",
    "unit_role",
]
