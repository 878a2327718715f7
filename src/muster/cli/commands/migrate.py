"""`muster migrate`."""

from __future__ import annotations

import click

from muster.cli.roles import unguarded
from muster.cli.schema import migrate


@click.command()
def command() -> None:
    """Bring the database to this version; safe to run twice."""
    applied = migrate()
    click.echo(f"Applied {applied} migrations." if applied else "The database is up to date.")
    if problem := unguarded():
        click.echo(problem)
