"""`python -m hedge_tui` is `hedge`; the engine starts itself this way, whatever PATH says."""

from hedge_tui.cli.main import main

main()
