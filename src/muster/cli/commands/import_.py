"""Uploading a file from the terminal: the same operation as on the page, run here and now."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Event, Thread
from typing import Any, BinaryIO, TextIO
from uuid import uuid4

import click
from django.conf import settings
from django.db import connection
from django.utils import timezone

from muster.bulk.causes import Value, causes
from muster.bulk.models import Item, Operation, OperationState, Outcome, Policy
from muster.bulk.operations import process, start_upload
from muster.bulk.queries import findings_of, progress
from muster.bulk.runner import run
from muster.bulk.states import GOOD
from muster.cli.acting import acting_member, acting_options
from muster.cli.commands.template import find_kind
from muster.cli.filing import by_status
from muster.config.errors import CannotDoIt
from muster.core.catalogue import Severity
from muster.core.counting import counted
from muster.core.findings import sentence
from muster.core.terminating import Batching
from muster.core.writing import write_csv
from muster.imports.downloads import download_results
from muster.imports.producer import ProducerUpload
from muster.imports.watching import cost_told
from muster.transactions.handling import Handling, batching_told
from muster.transactions.models import Transaction

BLOCK_BYTES = 1024 * 1024
SHOWN_FINDINGS = 10


@click.command()
@click.argument("kind")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", "only_check", is_flag=True, help="Check the file and write nothing.")
@click.option(
    "--policy",
    type=click.Choice([policy.value for policy in Policy]),
    default=Policy.GOOD_ROWS.value,
    show_default=True,
    help="What to do with the good rows when some are bad.",
)
@click.option(
    "--batches",
    type=click.Choice([batching.value for batching in Batching]),
    help="terminate: how the transactions are put into batches. Else one for each state and company.",
)
@click.option(
    "--submit", is_flag=True, help="terminate: submit to the registry at once what you may release."
)
@click.option(
    "--results", type=click.Path(dir_okay=False, path_type=Path), help="Write the results file here."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@acting_options
def command(
    kind: str,
    file: Path,
    only_check: bool,
    policy: str,
    batches: str | None,
    submit: bool,
    results: Path | None,
    as_json: bool,
    email: str | None,
    organization: str | None,
) -> int:
    """Upload FILE as upload type KIND: check it, process it, tell what became of each row.

    Exit code 0: all rows are good. 1: some were rejected. 2: the file could not be processed.
    """
    upload = find_kind(kind)
    if (batches or submit) and not upload.batched:
        raise CannotDoIt(f"--batches and --submit are for the upload type terminate, not for {upload.name}.")
    member = acting_member(email, upload.permission, organization=organization)
    handling = Handling(batching_told(batches), member.user_id if submit else None)
    # Opened first: rows that are written and results that cannot be would look like nothing done.
    results_file = _open_results(results) if results else None
    operation = start_upload(
        operation_id=uuid4(),
        member=member,
        kind=upload,
        source_name=file.name,
        content=_blocks(file),
        now=timezone.now(),
        policy=Policy(policy),
        params=handling.params if upload.batched else None,
        defer=False,
    )
    _run(operation, "Checking", shown=not as_json)
    if operation.state == OperationState.READY and not as_json and (told_cost := cost_told(operation)):
        click.echo(told_cost)
    if operation.state == OperationState.READY and not only_check:
        process(operation=operation, member=member, policy=Policy(policy), now=timezone.now(), defer=False)
        _run(operation, "Processing", shown=not as_json)
    if results_file:
        with results_file:
            write_csv(download_results(by=member, operation=operation), results_file)
    told = summary(operation)
    if as_json:
        write_json(operation, told, sys.stdout)
    else:
        _tell(operation, told)
        if upload.name == ProducerUpload.name and operation.started_at:
            click.echo(f"Look them up and onboard them: muster onboard {operation.pk}")
    if operation.state in (OperationState.BLOCKED, OperationState.STALLED):
        return _cannot(operation, quiet=as_json)
    return 1 if told["outcomes"][Outcome.REJECTED] else 0


def summary(operation: Operation) -> dict[str, Any]:
    """The operation without its findings. Before processing, `outcomes` tells what they would be."""
    counted = operation.outcomes or operation.preview
    return {
        "operation": str(operation.pk),
        "kind": operation.kind,
        "file": operation.source_name,
        "state": operation.state,
        "policy": operation.policy,
        "rows": operation.rows,
        "blank": operation.blank,
        "outcomes": {name: counted.get(name, 0) for name in Outcome.values},
        "not_processed": Item.objects.filter(operation=operation, state__in=GOOD).count(),
        "transactions": by_status(Transaction.objects.filter(batch__operation_id=operation.pk)),
    }


def write_json(operation: Operation, told: dict[str, Any], stream: TextIO) -> None:
    """Write `told` and the findings as one JSON object, a finding at a time: there may be millions."""
    stream.write(json.dumps(told, ensure_ascii=False).removesuffix("}") + ', "findings": [')
    separator = ""
    for found in findings_of(operation):
        as_object = {
            "code": found.code,
            "severity": found.severity,
            "row": found.row_no,
            "field": found.field,
            "value": found.value,
            "message": sentence(found.code, field=found.field, value=found.value, params=found.params),
        }
        stream.write(separator + json.dumps(as_object, ensure_ascii=False))
        separator = ", "
    stream.write("]}\n")


def _blocks(file: Path) -> Iterator[bytes]:
    if file.exists() and not file.is_file():
        raise CannotDoIt(f"Cannot read {file}: it is not a file.")
    left = max(settings.MUSTER_UPLOAD_LIMITS["csv_bytes"], settings.MUSTER_UPLOAD_LIMITS["xlsx_bytes"])
    try:
        with file.open("rb") as content:
            # One block more than any file may have is enough to be told that it is too large.
            while left >= 0 and (block := content.read(BLOCK_BYTES)):
                left -= len(block)
                yield block
    except OSError as problem:
        raise CannotDoIt(f"Cannot read {file}: {problem.strerror}.") from None


def _run(operation: Operation, doing: str, *, shown: bool) -> None:
    """Run the operation's phase, with a progress bar where somebody looks."""
    over = Event()
    watch = Thread(target=_watch, args=(operation, doing, over), daemon=True)
    if shown and sys.stderr.isatty():
        watch.start()
    try:
        run(operation.pk)
    finally:
        over.set()
        if watch.is_alive():
            watch.join()
    operation.refresh_from_db()


def _watch(operation: Operation, doing: str, over: Event) -> None:
    with click.progressbar(length=100, label=doing, file=sys.stderr) as bar:
        while not over.wait(0.3):
            now = progress(Operation.objects.get(pk=operation.pk))
            bar.update((now.percent or 0) - bar.pos)
        bar.update(100 - bar.pos)
    connection.close()


def _open_results(path: Path) -> BinaryIO:
    try:
        return open(path, "wb", opener=_for_the_owner_alone)
    except OSError as problem:
        raise CannotDoIt(f"Cannot write {path}: {problem.strerror}.") from None


def _for_the_owner_alone(path: str, flags: int) -> int:
    """Open a file that may hold SSNs; one that is there already is closed to others too."""
    descriptor = os.open(path, flags, 0o600)
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.fchmod(descriptor, 0o600)
    return descriptor


def _tell(operation: Operation, told: dict[str, Any]) -> None:
    click.echo(
        f"{operation.source_name}: {counted(told['rows'], 'row,rows')}, "
        f"{counted(told['blank'], 'blank row,blank rows')} skipped."
    )
    would_be = "" if operation.started_at else "would be "
    for name, count in told["outcomes"].items():
        if count:
            click.echo(f"  {count:>9,} {would_be}{name}")
    if operation.state == OperationState.READY:
        click.echo(f"Nothing was written. It can be processed on its page too: /imports/{operation.pk}/")
    elif told["not_processed"]:
        click.echo(f"  {told['not_processed']:>9,} good, but not written: all or nothing was asked for")
    found = causes(operation, severities=list(Severity))
    values = [(cause.entry.severity, value) for cause in found for value in cause.values]
    for severity, value in values[:SHOWN_FINDINGS]:
        rows = f" ({_rows(value)})" if value.rows else ""
        click.echo(f"  {severity}: {value.text}{rows} {value.fix}", err=True)
    if len(values) > SHOWN_FINDINGS or any(cause.more_values for cause in found):
        click.echo("  There are more; --results FILE writes what is wrong beside each row.", err=True)


def _rows(value: Value) -> str:
    first = ", ".join(f"{row:,}" for row in value.rows)
    more = f" and {value.more_rows:,} more" if value.more_rows else ""
    return f"row{'s' if value.count > 1 else ''} {first}{more}"


def _cannot(operation: Operation, *, quiet: bool) -> int:
    if operation.state == OperationState.STALLED:
        raise CannotDoIt("The import stopped by a fault of Muster's own; its log says which.")
    if not quiet:
        click.echo("The file cannot be processed; nothing was written.", err=True)
    else:
        first = next((found for found in findings_of(operation) if found.row_no is None), None)
        if first:
            click.echo(
                sentence(first.code, field=first.field, value=first.value, params=first.params), err=True
            )
    return 2
