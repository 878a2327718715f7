"""`muster onboard`: look up the producers of a file that was uploaded, and onboard those who are ready."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID, uuid4

import click
from django.utils import timezone

from muster.access.permissions import Permission
from muster.bulk.models import Operation
from muster.bulk.runner import run
from muster.bulk.states import UNDER_WAY
from muster.cli.acting import acting_member, acting_options
from muster.cli.at_hand import registry_at_hand
from muster.config.errors import CannotDoIt
from muster.core.counting import counted
from muster.core.findings import fix, sentence
from muster.core.licensing import PAYER_LABELS
from muster.core.onboarding import DraftStatus
from muster.onboarding.many import Payment, is_retrieving, start_onboarding
from muster.onboarding.mending import findings_of
from muster.onboarding.models import Draft
from muster.onboarding.retrieving import counts_of
from muster.onboarding.tasks import retrieve_now

SECONDS_BETWEEN_LOOKS = 0.5
SHOWN = 10
PAYERS = click.Choice(list(PAYER_LABELS))


@click.command()
@click.argument("operation", type=click.UUID)
@click.option("--new-license", "new", type=PAYERS, required=True, help="Who pays for new licenses.")
@click.option("--renewal", type=PAYERS, required=True, help="Who pays for renewals.")
@click.option(
    "--auto-renewal",
    is_flag=True,
    help="Have renewals prepared when they are due.",
)
@click.option(
    "--timeout",
    type=click.FloatRange(min=0),
    default=3600,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait for the registry at most.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@acting_options
def command(
    operation: UUID,
    new: str,
    renewal: str,
    auto_renewal: bool,
    timeout: float,
    as_json: bool,
    email: str | None,
    organization: str | None,
) -> int:
    """Onboard the producers of the file that was uploaded as OPERATION with `muster import producer`.

    Exit code 0: all are onboarded. 1: some failed, or are still asked for. 2: it cannot be done.
    """
    member = acting_member(email, Permission.IMPORT, organization=organization)
    mine = Operation.objects.visible_to(member, Permission.IMPORT).filter(kind="producer")
    upload = mine.filter(pk=operation).first()
    if upload is None:
        raise CannotDoIt(
            f"You have no file of producers {operation}; upload one: muster import producer FILE"
        )
    waiting = _wait(upload, time.monotonic() + timeout)
    begun = start_onboarding(
        by=member,
        upload=upload,
        operation_id=uuid4(),
        payment=Payment(new, renewal, auto_renewal),
        now=timezone.now(),
        defer=False,
    )
    run(begun.pk)
    begun.refresh_from_db()
    done = begun.outcomes.get("created", 0) + begun.outcomes.get("updated", 0)
    failed = Draft.objects.filter(operation=upload, status=DraftStatus.FAILED).order_by("row_no")
    rows = [_row(draft) for draft in failed.defer("ssn_sealed", "ssn_index")]
    if as_json:
        told = {"operation": str(begun.pk), "onboarded": done, "waiting": waiting, "failed": rows}
        click.echo(json.dumps(told))
    else:
        click.echo(
            f"{counted(done, 'producer,producers')} onboarded, {counted(len(rows), 'row,rows')} failed."
        )
        for row in rows[:SHOWN]:
            click.echo(f"  row {row['row']}: {' '.join(row['why'])}", err=True)
        if waiting:
            asked = counted(waiting, "producer,producers")
            click.echo(f"  The registry is still asked for {asked}; onboard them later.", err=True)
        if rows:
            page = f"/producers/onboarding/bulk/{upload.pk}/"
            click.echo(f"  Failed rows are mended and reprocessed on the file's page: {page}", err=True)
    return 1 if rows or waiting else 0


def _wait(upload: Operation, until: float) -> int:
    """Look up what waits, here if no worker of ours does, until nothing waits; return how many still do."""
    with registry_at_hand() as at_hand:
        while is_retrieving(upload, counts_of(upload.pk)):
            if time.monotonic() > until:
                counts = counts_of(upload.pk)
                if upload.state not in UNDER_WAY and counts.get(DraftStatus.READY):
                    return counts.get(DraftStatus.IDENTIFIED, 0) + counts.get(DraftStatus.RETRIEVING, 0)
                raise CannotDoIt("The registry has not answered for all producers yet. Try again later.")
            if at_hand and not retrieve_now().held_up and not is_retrieving(upload, counts_of(upload.pk)):
                return 0
            time.sleep(SECONDS_BETWEEN_LOOKS)
            upload.refresh_from_db()
    if upload.state in UNDER_WAY:
        raise CannotDoIt("The file is still being read. Try again later.")
    return 0


def _row(draft: Draft) -> dict[str, Any]:
    told = []
    for one in findings_of(draft):
        told.append(sentence(one.code, field=one.field, value=one.value, params=one.params))
        told.append(fix(one.code, field=one.field, value=one.value, params=one.params))
    return {"row": draft.row_no, "why": [text for text in told if text]}
