"""The reports that Muster brings along. Whoever opens one may change it and save a copy of their own."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Shipped:
    """One of them: the query that asks it, as an address writes it."""

    slug: str
    name: str
    summary: str
    subject: str
    columns: tuple[str, ...]
    where: tuple[str, ...] = ()
    sort: str = ""
    group: str = ""

    @property
    def asked(self) -> dict[str, list[str]]:
        """The question as the parameters of an address."""
        return {
            "columns": [",".join(self.columns)],
            "where": list(self.where),
            "sort": [self.sort],
            "group": [self.group],
        }


SHIPPED = (
    Shipped(
        "appointments-to-terminate",
        "Appointments to Terminate",
        "Every appointment in force. Its export uploads as a Terminate file as it is.",
        "licensing-with-appointments",
        ("producer", "npn", "state", "line", "cocode"),
        ("status:is:Appointed",),
    ),
    Shipped(
        "licenses-expiring",
        "Licenses Expiring Within 60 Days",
        "Active licenses that end from today on, the soonest first.",
        "licenses",
        ("expires_on", "producer", "npn", "state", "number", "class_name", "residency"),
        (
            "listed:is:yes",
            "is_active:is:yes",
            "expires_on:after:1 day ago",
            "expires_on:before:61 days from now",
        ),
        sort="expires_on",
    ),
    Shipped(
        "appointments-at-risk",
        "Appointments at Risk by State",
        "Appointments in force whose license or other ground has gone, and why.",
        "licensing-with-appointments",
        ("producer", "npn", "state", "company", "cocode", "line", "risks", "license_active"),
        ("status:is:Appointed", "health:is:at_risk"),
        group="state",
    ),
    Shipped(
        "not-eligible-by-reason",
        "Not Eligible, by Reason",
        "Requests that cannot be filed, counted by what stands in the way.",
        "transactions",
        ("number", "producer", "npn", "state", "cocode", "line", "reason", "made_at"),
        ("status:is:not_eligible",),
        group="reason",
    ),
    Shipped(
        "rejected-by-the-registry",
        "Rejected by the Registry",
        "Filings that came back refused, with the registry's words, the newest first.",
        "transactions",
        ("number", "type", "producer", "npn", "state", "cocode", "line", "registry_words", "decided_at"),
        ("status:is:rejected",),
        sort="-decided_at",
    ),
    Shipped(
        "license-fees",
        "License Fees",
        "Every application and renewal of a license: who pays, what was estimated, and what was charged.",
        "transactions",
        (
            *("paid_by", "month", "state", "producer", "npn", "number", "type", "status", "license_number"),
            *("line", "state_fee", "registry_fee", "state_fee_charged", "registry_fee_charged"),
        ),
        ("type:in:license;renewal",),
        sort="-number",
    ),
    Shipped(
        "producers-not-synced",
        "Producers Not Synced",
        "Producers whose report could not be fetched or found, and what was answered.",
        "producers",
        ("producer", "npn", "agency", "sync_status", "sync_reason", "synced_at"),
        ("sync_status:in:not_found;timeout;error;retry_error",),
        group="sync_status",
    ),
)


def shipped_named(slug: str) -> Shipped | None:
    """The one of that slug."""
    return next((one for one in SHIPPED if one.slug == slug), None)
