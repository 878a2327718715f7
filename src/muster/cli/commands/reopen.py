"""`muster reopen`."""

from __future__ import annotations

from muster.cli.acting_on import action_command

command = action_command("reopen-transactions")
