"""`muster backup`."""

from __future__ import annotations

from pathlib import Path

import click

from muster.cli.dump import write_dump


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def command(file: Path) -> None:
    """Write the whole database, as of one moment, to FILE; work may go on meanwhile.

    The keys that open sealed values are not in it: keep MUSTER_HOME/secrets.json somewhere else.
    """
    write_dump(file)
    click.echo(f"Wrote {file} ({file.stat().st_size:,} bytes). Keep secrets.json apart from it.")
