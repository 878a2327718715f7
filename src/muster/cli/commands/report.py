"""`muster report`: a saved or shipped report as a file."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import NamedTuple

import click

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.cli.acting import acting_member, acting_options
from muster.config.errors import CannotDoIt
from muster.core.counting import counted
from muster.core.table import OPERATOR_LABELS, Operator, Refused, read_condition
from muster.reports.exporting import CONTENT_TYPES, CSV, Export
from muster.reports.saved import query_asked, saved_reports
from muster.reports.shipped import SHIPPED
from muster.reports.subject import Subject, UnknownSubject, subject_named

STDOUT = "-"
MOST_NAMED = 20


class Found(NamedTuple):
    """A report by its name: what it is about, and the parameters that ask it."""

    name: str
    subject: str
    asked: Mapping[str, Sequence[str]]


@click.command()
@click.argument("name")
@click.option(
    "--filter",
    "filters",
    multiple=True,
    metavar="FIELD:OPERATOR:VALUE",
    help="Only rows of which this holds, such as state:in:CA;NV; can be repeated.",
)
@click.option(
    "-o", "--output", required=True, metavar="FILE", help="A .csv or .xlsx file, or - for CSV here."
)
@acting_options
def command(
    name: str, filters: tuple[str, ...], output: str, email: str | None, organization: str | None
) -> None:
    """Write the rows of the report NAME to FILE: one saved by you or shared with you, or one shipped.

    A filter names the field as the builder does, or by its short name, and compares by is, not, has, starts,
    in, before, after, empty or filled.
    """
    file_format = _format_of(output)
    member = acting_member(email, Permission.READ, organization=organization)
    found = find_report(member, name)
    try:
        subject = subject_named(found.subject)
    except UnknownSubject:
        raise CannotDoIt(f"“{found.name}” is about something that this version does not know.") from None
    where = [*found.asked.get("where", ()), *(_by_name(text, subject) for text in filters)]
    for text in where:
        try:
            read_condition(text, subject.terms)
        except Refused as reason:
            raise CannotDoIt(f"{reason}{_near(text, subject)}") from None
    question, refused = subject.read({**found.asked, "where": where})
    if refused:
        raise CannotDoIt(refused[0])
    export = Export(member, subject, question, found.name)
    rows = _write(export, file_format, output)
    click.echo(f"Wrote {counted(rows, f'{subject.one},{subject.many}')} to {output}.", err=True)


def find_report(member: Membership, name: str) -> Found:
    """The report of that name: one's own before others', those before the shipped ones.

    Raises CannotDoIt with names that are close.
    """
    folded = name.casefold()
    saved = sorted(saved_reports(member), key=lambda one: (one.owner_id != member.user_id, one.pk))
    for report in saved:
        if report.name.casefold() == folded:
            return Found(report.name, report.subject, query_asked(report.query))
    for one in SHIPPED:
        if folded in (one.slug, one.name.casefold()):
            return Found(one.name, one.subject, one.asked)
    names = [*dict.fromkeys(report.name for report in saved), *(one.name for one in SHIPPED)]
    close = get_close_matches(folded, [one.casefold() for one in names], n=3, cutoff=0.5)
    near = [one for one in names if one.casefold() in close] or names[:MOST_NAMED]
    raise CannotDoIt(f"There is no report “{name}”; there is: {', '.join(near)}.")


def _format_of(output: str) -> str:
    if output == STDOUT:
        return CSV
    ending = Path(output).suffix.lower().removeprefix(".")
    if ending not in CONTENT_TYPES:
        raise CannotDoIt(f"Name a file that ends in .csv or .xlsx, not {output}; or - for CSV here.")
    return ending


def _by_name(text: str, subject: Subject) -> str:
    """A filter with the field and operator by their names, where they are told by their labels."""
    field, _, rest = text.partition(":")
    operator, colon, value = rest.partition(":")
    labels = {of.label.casefold(): of.name for of in reversed(subject.fields)}
    operators = {label: one.value for one, label in OPERATOR_LABELS.items()}
    field, operator = field.strip(), operator.strip()
    field = field if field in subject.by_name else labels.get(field.casefold(), field)
    operator = operator if operator in [*Operator] else operators.get(operator.casefold(), operator)
    return f"{field}:{operator}{colon}{value}"


def _near(text: str, subject: Subject) -> str:
    """Fields that are close to one that there is not."""
    field = text.partition(":")[0]
    if field in subject.by_name:
        return ""
    close = get_close_matches(field.casefold(), list(subject.by_name), n=3, cutoff=0.4)
    return f" There is: {', '.join(close or list(subject.by_name)[:MOST_NAMED])}."


def _write(export: Export, file_format: str, output: str) -> int:
    """Write the file and return how many rows it has. Raises CannotDoIt."""
    if output == STDOUT:
        for block in export.blocks(file_format):
            sys.stdout.buffer.write(block)
        sys.stdout.buffer.flush()
        return export.written
    path = Path(output)
    try:
        file = path.open("wb")
    except OSError as problem:
        raise CannotDoIt(f"Cannot write {output}: {problem.strerror}.") from None
    is_whole = False
    try:
        with file:
            for block in export.blocks(file_format):
                file.write(block)
        is_whole = True
    except OSError as problem:
        raise CannotDoIt(f"Cannot write {output}: {problem.strerror}.") from None
    finally:
        # Half a file would look like a whole one.
        if not is_whole and path.is_file():
            path.unlink(missing_ok=True)
    return export.written
