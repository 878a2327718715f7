"""What renewing the licenses of a list comes to: whether by itself, who pays, what it costs, from when."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.utils.timezone import localdate

from muster.access.models import Membership
from muster.assignments.models import Assignment
from muster.core.amounts import dollars
from muster.core.licensing import PAYER_LABELS, Estimate
from muster.licenses.models import License, PaymentSetup
from muster.reports.subjects.licenses import MISSING, NEEDED, NOT_ASKED
from muster.transactions.licensing import renewals_of
from muster.transactions.terms import license_setup_of


@dataclass(frozen=True, slots=True)
class RenewalTold:
    """A license's renewal. `can` says that there is one; `open` is the number of one that is under way.

    `opens_on` is None where nobody has told the state's window. `is_assigned`: an assignment names its state.
    `missing` is what of the producer's profile is not on file; what they were not asked for is not known.
    """

    is_automatic: bool
    payer: str
    is_assigned: bool
    can: bool = False
    fee: str = ""
    opens_on: date | None = None
    is_in_window: bool = False
    open: int | None = None
    missing: tuple[str, ...] = ()
    is_asked: bool = True


def tell_renewals(
    member: Membership, licenses: Collection[License], *, today: date
) -> dict[int, RenewalTold]:
    """The renewal of each of these licenses, by id; a constant number of queries."""
    producers = {license.producer_id for license in licenses}
    setups = PaymentSetup.objects.in_bulk(producers)
    assigned = {
        (producer_id, state)
        for producer_id, states in Assignment.objects.filter(producer__in=producers).values_list(
            "producer", "states"
        )
        for state in states
    }
    renewals = renewals_of(
        license_setup_of(member.organization_id, today=today), [license.pk for license in licenses]
    )
    profiles = License.objects.filter(pk__in=[license.pk for license in licenses])
    missing = dict(profiles.annotate(missing=MISSING).values_list("pk", "missing"))
    found: dict[int, RenewalTold] = {}
    for license in licenses:
        setup, renewal = setups.get(license.producer_id), renewals.get(license.pk)
        told = RenewalTold(
            is_automatic=bool(setup and setup.auto_renewal),
            payer=PAYER_LABELS.get(setup.renewal_paid_by, "") if setup else "",
            is_assigned=(license.producer_id, license.state) in assigned,
            missing=tuple(NEEDED[one] for one in missing.get(license.pk, ()) if one != NOT_ASKED),
            is_asked=NOT_ASKED not in missing.get(license.pk, ()),
        )
        if renewal is not None:
            opens = renewal.window.opens_on
            told = replace(
                told,
                can=True,
                # A narrow cell breaks it before what is unknown.
                fee=estimate_told(renewal.row.estimate).replace("+ ", "+\N{NO-BREAK SPACE}"),
                opens_on=opens,
                is_in_window=opens is not None and opens <= today,
                open=renewal.open,
            )
        found[license.pk] = told
    return found


FEE_LABELS = ("Renewal Fee, Known Part", "Renewal Fee, Unknown Part")


def renewal_fees(member: Membership, license_ids: Sequence[int]) -> Mapping[int, tuple[str, str]]:
    """What renewing each of these licenses is likely to cost, of those that can be renewed, for an export.

    What is unknown stands apart from what is known, for a spreadsheet adds up a blank as nothing.
    """
    setup = license_setup_of(member.organization_id, today=localdate())
    found: dict[int, tuple[str, str]] = {}
    for license_id, renewal in renewals_of(setup, license_ids).items():
        estimate = renewal.row.estimate
        is_told = estimate.known or not estimate.unknown
        known = f"{estimate.known // 100}.{estimate.known % 100:02d}" if is_told else ""
        found[license_id] = (known, "Yes" if estimate.unknown else "No")
    return found


def estimate_told(estimate: Estimate) -> str:
    """What is known of an estimate, and that something is not."""
    if estimate.cents is not None:
        return dollars(estimate.cents)
    return f"{dollars(estimate.known)} + unknown" if estimate.known else "unknown"
