"""One module a command of `muster`, listed in muster.cli.main.COMMANDS."""
