"""`muster sandbox`."""

from __future__ import annotations

import os
import runpy
import sys

import click

from muster.cli.main import set_home
from muster.config.secrets import load_secrets

PORT = 8901
# Events a year in a producer's life, so that the daily alerts of a demo have something to tell.
LIFE = 2


@click.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    """Serve the sandbox registry; its own options are told by `muster sandbox --help`."""
    home = set_home()
    secrets = load_secrets(home)
    os.environ["MUSTER_SANDBOX_USER"] = secrets.sandbox_user
    os.environ["MUSTER_SANDBOX_PASSWORD"] = secrets.sandbox_password
    # Of an option given twice the last one counts.
    given = {"--home": str(home / "sandbox"), "--port": str(PORT), "--life": str(LIFE)}
    sys.argv = ["muster sandbox", *(part for option in given.items() for part in option), *arguments]
    runpy.run_module("muster_sandbox", run_name="__main__")
