"""`muster restore`."""

from __future__ import annotations

from pathlib import Path

import click
from django.db import connection

from muster.cli.dump import read_dump
from muster.cli.roles import unguarded
from muster.cli.schema import migrate
from muster.config.errors import CannotDoIt


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Fill an empty database from FILE, which `muster backup` has written, and bring it to this version."""
    if connection.introspection.table_names():
        raise CannotDoIt("The database is not empty; restore into an empty one, such as a new MUSTER_HOME.")
    read_dump(file)
    applied = migrate()
    click.echo("Restored." + (f" Applied {applied} migrations." if applied else ""))
    if problem := unguarded():
        click.echo(problem)
