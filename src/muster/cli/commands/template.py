"""Writing the template of an upload type."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import click

from muster.bulk.kinds import UnknownKind, UploadKind, upload_kind_named, upload_kinds
from muster.cli.acting import acting_member, acting_options
from muster.config.errors import CannotDoIt
from muster.imports.templates import write_template


@click.command()
@click.argument("kind")
@click.option(
    "--format", "file_format", type=click.Choice(["csv", "xlsx"]), help="Else told by the file's name."
)
@click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, metavar="FILE"
)
@acting_options
def command(
    kind: str, file_format: str | None, output: Path, email: str | None, organization: str | None
) -> None:
    """Write the template of an upload type to FILE."""
    upload = find_kind(kind)
    member = acting_member(email, upload.permission, organization=organization)
    chosen = file_format or ("csv" if output.suffix.lower() == ".csv" else "xlsx")
    content = BytesIO()
    write_template(upload, member.organization_id, content, file_format=chosen)
    try:
        output.write_bytes(content.getvalue())
    except OSError as problem:
        raise CannotDoIt(f"Cannot write {output}: {problem.strerror}.") from None
    click.echo(f"Wrote {output}.", err=True)


def find_kind(name: str) -> UploadKind:
    """The upload type of that name. Raises CannotDoIt with those that there are."""
    try:
        return upload_kind_named(name.lower())
    except UnknownKind:
        known = ", ".join(kind.name for kind in upload_kinds())
        raise CannotDoIt(f"There is no upload type “{name}”; there is: {known}.") from None
