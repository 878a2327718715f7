"""What is tracked: which columns of which table make a change, and how a row comes to its producer and state.

`muster.history.triggers` makes the database's functions from this table. A test compares the two, so that a
column added here demands a migration.
"""

from __future__ import annotations

from dataclasses import dataclass

from muster.history.models import Change

PRODUCER_WAS_SYNCED = """(
    SELECT producer.synced_at IS NOT NULL FROM producers_producer AS producer WHERE producer.id = {producer}
)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracked:
    """One table whose rows have a history.

    A difference in `columns` is a change. `noted` are kept with a change and make none by themselves: that a
    state touched its record is no news. `judged` are Muster's own verdict on the row, the first of them empty
    where there is none yet; a first verdict is no news either. `about` names the record to a person.
    `extras` are expressions kept beside the columns: names for ids, which may be others by the time they are
    read. `producer`, `state` and the extras are SQL over `{row}`. `parent` is the column by whose values it
    is found out, once for each, whether the producer was synced before (`was_synced`, over `{parent}`).
    `unless` tells the updates that are a first report. `bound` are the columns by which a row is found again,
    and by which its history is: they never change.
    """

    table: str
    kind: Change.Kind
    columns: tuple[str, ...]
    about: tuple[str, ...]
    noted: tuple[str, ...] = ()
    judged: tuple[str, ...] = ()
    extras: tuple[tuple[str, str], ...] = ()
    about_extras: tuple[tuple[str, str], ...] = ()
    producer: str = "{row}.producer_id"
    state: str = "{row}.state"
    parent: str = "producer_id"
    was_synced: str = PRODUCER_WAS_SYNCED.format(producer="{parent}")
    can_be_gone: bool = True
    is_added: bool = True
    unless: str = ""
    bound: tuple[str, ...] = ("id", "organization_id", "producer_id")

    @property
    def kept(self) -> tuple[str, ...]:
        """Every column whose old and new value a change keeps."""
        return self.columns + self.judged + self.noted

    @property
    def words(self) -> tuple[str, ...]:
        """Every name that can stand in `old` and `new`."""
        return self.kept + tuple(name for name, _ in self.extras) + ("gone_at",) * self.can_be_gone


def _columns(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _of_license(column: str) -> str:
    return f"(SELECT license.{column} FROM licenses_license AS license WHERE license.id = {{row}}.license_id)"  # noqa: S608


TRACKED = (
    Tracked(
        table="producers_producer",
        kind=Change.Kind.PRODUCER,
        columns=_columns(
            "npn agency_id kind first_name middle_name last_name name_suffix email other_names born_on"
            " ssn_last4 is_watched name_differs removed_at"
        ),
        about=("npn", "first_name", "last_name"),
        extras=(
            (
                "agency",
                "(SELECT agency.name FROM producers_agency AS agency WHERE agency.id = {row}.agency_id)",
            ),
        ),
        producer="{row}.id",
        state="''",
        can_be_gone=False,
        # That a producer was made is told by created_at and by the operation that made it.
        is_added=False,
        # Of the registry's own, and only what a report fills.
        unless="o.synced_at IS NULL AND n.synced_at IS NOT NULL AND told_source = 'registry'"
        " AND (o.npn, o.agency_id, o.email, o.is_watched, o.removed_at)"
        " IS NOT DISTINCT FROM (n.npn, n.agency_id, n.email, n.is_watched, n.removed_at)",
        bound=("id", "organization_id"),
    ),
    Tracked(
        table="producers_registryaddress",
        kind=Change.Kind.ADDRESS,
        columns=_columns("state type_code type_name line_1 line_2 line_3 city address_state zip country"),
        about=("type_code", "type_name"),
        noted=("updated_on",),
    ),
    Tracked(
        table="producers_registrycontact",
        kind=Change.Kind.CONTACT,
        columns=("state", "kind", "value"),
        about=("kind",),
        noted=("updated_on",),
    ),
    Tracked(
        table="producers_regulatoryaction",
        kind=Change.Kind.ACTION,
        columns=_columns(
            "state action_id origin reason disposition penalty order_length file_reference action_on"
            " effective_on entered_on"
        ),
        about=("action_id", "reason"),
    ),
    Tracked(
        table="licenses_license",
        kind=Change.Kind.LICENSE,
        columns=_columns(
            "state number class_code class_name residency is_active issued_on expires_on adjuster_home_state"
        ),
        about=("number", "class_name"),
        noted=("updated_on",),
    ),
    Tracked(
        table="licenses_lineofauthority",
        kind=Change.Kind.LINE,
        columns=_columns(
            "code name status status_reason status_reason_on issued_on ce_compliance ce_renewal_on"
            " ce_credits_needed"
        ),
        about=("code", "name"),
        about_extras=(("license", _of_license("number")),),
        # Within a transaction a license may go before its lines do; whose they were is not known then.
        producer=f"coalesce({_of_license('producer_id')}, 0)",
        state=f"coalesce({_of_license('state')}, '')",
        parent="license_id",
        bound=("id", "organization_id", "license_id"),
        was_synced=PRODUCER_WAS_SYNCED.format(
            producer="(SELECT license.producer_id FROM licenses_license AS license"
            " WHERE license.id = {parent})"
        ),
    ),
    Tracked(
        table="appointments_appointment",
        kind=Change.Kind.APPOINTMENT,
        columns=_columns(
            "state cocode company_name fein line_name line_code county_code status termination_reason"
            " first_effective_on status_on renews_on agency_affiliation state_company_id"
        ),
        about=("cocode", "company_name", "line_name", "county_code"),
        judged=("health", "risks"),
    ),
    Tracked(
        table="assignments_assignment",
        kind=Change.Kind.ASSIGNMENT,
        columns=_columns("identity categories states cocodes scorecard_type agent_type starts_on ends_on"),
        about=("categories", "states"),
        state="CASE cardinality({row}.states) WHEN 1 THEN {row}.states[1] ELSE '' END",
        can_be_gone=False,
    ),
    # What producers say of themselves is news from the first word on, whatever the registry said before.
    Tracked(
        table="profiles_owncontact",
        kind=Change.Kind.OWN_CONTACT,
        columns=_columns("email phone mobile line_1 line_2 city state zip"),
        about=(),
        was_synced="true",
        can_be_gone=False,
    ),
    Tracked(
        table="profiles_employment",
        kind=Change.Kind.EMPLOYMENT,
        columns=_columns("employer title city state starts_on ends_on"),
        about=("employer",),
        was_synced="true",
        can_be_gone=False,
    ),
    Tracked(
        table="profiles_backgroundanswer",
        kind=Change.Kind.BACKGROUND,
        columns=_columns("question is_yes explanation"),
        about=("question",),
        state="''",
        was_synced="true",
        can_be_gone=False,
    ),
)
"""In the order in which they are installed."""
