"""All lists of the console, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from muster.console.lists.listing import Listing


@cache
def listings() -> Mapping[str, Listing]:
    """The lists by name."""
    from muster.console.agencies.listing import AGENCIES
    from muster.console.appointments.listing import APPOINTMENTS
    from muster.console.carriers.listing import COMPANIES
    from muster.console.contacts.listing import CONTACTS
    from muster.console.licenses.listing import LICENSES
    from muster.console.producers.listing import PRODUCERS
    from muster.console.scorecards.listing import ASSIGNMENTS
    from muster.console.transactions.listing import TRANSACTIONS

    found = (PRODUCERS, CONTACTS, LICENSES, APPOINTMENTS, TRANSACTIONS, ASSIGNMENTS, AGENCIES, COMPANIES)
    return {one.name: one for one in found}
