"""`muster transactions`: the ledger from a terminal."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from muster.access.permissions import Permission
from muster.cli.acting import acting_member, acting_options
from muster.cli.filing import by_status, choosing_options, chosen_transactions, tell, told_of

SHOWN = 50
CHUNK = 2_000


@click.command()
@choosing_options
@click.option("--limit", type=click.IntRange(min=1), default=SHOWN, show_default=True, help="Show so many.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with all of them.")
@acting_options
def command(limit: int, as_json: bool, email: str | None, organization: str | None, **chosen: Any) -> None:
    """Show transactions: all, or those that the options ask for, with status and Eligibility Reason."""
    member = acting_member(email, Permission.READ, organization=organization)
    found = chosen_transactions(member, **chosen)
    if not as_json:
        tell(found, limit=limit)
        return
    # A transaction at a time: there may be a million.
    sys.stdout.write(json.dumps({"counts": by_status(found)}).removesuffix("}") + ', "transactions": [')
    separator = ""
    for one in found.select_related("producer").order_by("number").iterator(chunk_size=CHUNK):
        sys.stdout.write(separator + json.dumps(told_of(one), ensure_ascii=False))
        separator = ", "
    sys.stdout.write("]}\n")
