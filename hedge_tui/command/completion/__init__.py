"""Says what may stand at the cursor of an unfinished line. Called by the console's command bar."""

from hedge_tui.command.completion.candidate import Completion
from hedge_tui.command.completion.line import complete
from hedge_tui.command.completion.vocabulary import Vocabulary

__all__ = ["Completion", "Vocabulary", "complete"]
