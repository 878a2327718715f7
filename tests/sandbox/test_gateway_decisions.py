"""What the gateway decides on filings, and that reports and alerts tell of what it accepted."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_sandbox import report
from muster_sandbox.gateway.contract import Filing, Kind
from muster_sandbox.gateway.decisions import happening
from muster_sandbox.gateway.fees import state_cents
from muster_sandbox.gateway.licenses import refused
from muster_sandbox.life import lived, next_change
from muster_sandbox.population import producer, sample_npns
from muster_sandbox.records import Appointment, Producer
from tests.sandbox import soap
from tests.sandbox.filings import BASE, COCODE, COMPANY, NPN, appointments, file
from tests.sandbox.process import SandboxProcess

TODAY = date(2026, 3, 15)
LATER = 3_600


def appointed() -> tuple[str, Appointment]:
    """Return somebody of the population with an appointment that is in force today."""
    for npn in sample_npns(100):
        made = producer(npn, today=TODAY)
        assert made is not None
        for one in made.appointments:
            if one.appointed and not one.county:
                return npn, one
    raise AssertionError("nobody is appointed")


def told(one: Appointment, **given: Any) -> dict[str, Any]:
    """Return what is filed about an appointment."""
    about = {"state": one.state, "cocode": one.company.cocode, "line_name": one.line_name}
    return {**about, "line_code": one.line_code, **given}


def test_a_filing_waits_to_be_decided(sandbox: SandboxProcess, client: httpx.Client) -> None:
    sandbox.control("gateway", {"decide_after": LATER})
    filed = file(client)
    assert (filed["status"], filed["decided_at"], filed["effective_on"]) == ("submitted", None, None)
    assert appointments(client) == []
    sandbox.control("gateway", {"decide_after": 0})
    decided = client.get(f"{BASE}/{filed['key']}").json()
    assert (decided["status"], decided["effective_on"]) == ("accepted", str(TODAY))
    assert decided["decided_at"] >= decided["received_at"] == filed["received_at"]


RULES = [
    ({}, "accepted", "", ""),
    ({"line_name": "LIFE"}, "accepted", "", ""),
    ({"line_name": "Called otherwise", "line_code": "9101"}, "accepted", "", ""),
    (
        {"npn": "9000001"},
        "rejected",
        "101",
        "No producer is on record with National Producer Number 9000001.",
    ),
    ({"npn": "9000002"}, "rejected", "210", "does not hold an active CA license"),
    ({"state": "NV"}, "rejected", "210", "does not hold an active NV license"),
    ({"line_name": "Surety"}, "rejected", "210", "the line of authority Surety on 03/15/2026"),
    ({"npn": "9000003", "state": "TX"}, "rejected", "210", "does not hold an active TX license"),
    ({"npn": "9000004", "state": "TX"}, "rejected", "210", "does not hold an active TX license"),
    ({"kind": "termination"}, "rejected", "230", f"No active appointment by company {COCODE} for Life in CA"),
    ({"kind": "license", "cocode": "", "line_name": ""}, "rejected", "241", "names no line of authority"),
    ({"kind": "license", "state": "NV", "lines": [["", "Life"]]}, "accepted", "", ""),
    ({"kind": "license", "lines": [["", "life"]]}, "rejected", "242", "has these lines of authority already"),
    (
        {"kind": "license", "npn": "9000003", "state": "NV", "lines": [["", "Life"]]},
        "rejected",
        "240",
        "home",
    ),
    ({"kind": "license", "state": "ZZ", "lines": [["", "Life"]]}, "rejected", "249", "ZZ grants no licenses"),
    ({"kind": "renewal", "license_number": "none"}, "rejected", "250", "No CA license none"),
    ({"kind": "renewal", "npn": "9000001"}, "rejected", "101", "No producer is on record"),
]


@pytest.mark.parametrize(("given", "status", "code", "words"), RULES, ids=[str(rule[0]) for rule in RULES])
def test_a_filing_is_decided_by_the_rules(
    gateway: httpx.Client, given: dict[str, Any], status: str, code: str, words: str
) -> None:
    filed = file(gateway, **given)
    assert (filed["status"], filed["code"]) == (status, code)
    assert words in filed["words"]
    assert bool(filed["words"]) == (status == "rejected")
    assert filed["decided_at"] is not None


NOT_RENEWED = [
    ({"expires": None}, "251"),
    ({"active": False, "expires": TODAY - timedelta(days=10)}, "252"),
    ({"active": True, "expires": TODAY + timedelta(days=500)}, "253"),
    ({"active": True, "expires": TODAY + timedelta(days=30)}, ""),
]


@pytest.mark.parametrize(("over", "code"), NOT_RENEWED)
def test_a_license_is_renewed_within_a_year_of_its_end_and_only_where_it_ends(
    over: dict[str, Any], code: str
) -> None:
    made = producer(NPN, today=TODAY)
    assert made is not None
    held = replace(made.licenses[0], **over)
    asked = Filing(kind=Kind.RENEWAL, npn=NPN, state=held.state, license_number=held.number)
    told = refused(asked, replace(made, licenses=(held,)), TODAY)
    assert (told[0] if told else "") == code


def test_a_producer_whom_the_registry_hides_is_nobody(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    sandbox.control(f"npn/{NPN}", {"behavior": "not_found"})
    assert file(gateway)["code"] == "101"
    sandbox.control(f"npn/{NPN}", {"inactive_states": ["CA"]})
    assert file(gateway)["code"] == "210"


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({}, "220"),
        ({"line_name": "life", "line_code": "9101"}, "220"),
        ({"state": "TX"}, ""),
        ({"cocode": "90029"}, ""),
        ({"line_name": "Health and Sickness (excluding Disability)"}, ""),
    ],
)
def test_an_appointment_in_force_is_not_made_again(
    gateway: httpx.Client, given: dict[str, Any], code: str
) -> None:
    assert file(gateway)["code"] == ""
    assert file(gateway, **given)["code"] == code


def test_of_two_that_wait_for_the_same_the_first_is_accepted(
    sandbox: SandboxProcess, client: httpx.Client
) -> None:
    sandbox.control("gateway", {"decide_after": LATER})
    keys = [file(client)["key"] for _ in range(3)]
    sandbox.control("gateway", {"decide_after": 0})
    found = client.post(f"{BASE}/statuses", json={"keys": keys}).json()["filings"]
    assert [one["code"] for one in found] == ["", "220", "220"]


def test_counties_are_appointments_of_their_own(gateway: httpx.Client) -> None:
    held = producer(NPN, today=TODAY)
    assert held is not None
    line = next(line for one in held.licenses if one.state == "FL" for line in one.lines)
    florida = {"state": "FL", "line_name": line.name, "line_code": line.code}
    codes = [file(gateway, **florida, county=county)["code"] for county in ("13", "13", "86", "")]
    assert codes == ["", "220", "", "220"]
    assert sorted(one["COUNTY_CODE"] for one in appointments(gateway)) == ["13", "86"]


def test_an_accepted_appointment_is_in_the_report(gateway: httpx.Client) -> None:
    filed = file(gateway, effective_on="2026-03-01")
    assert filed["effective_on"] == "2026-03-01"
    (one,) = appointments(gateway)
    assert one == {
        "state": "CA",
        "COMPANY_NAME": COMPANY,
        "FEIN": "004124909",
        "COCODE": COCODE,
        "LINE_OF_AUTHORITY": "Life",
        "LOA_CODE": "9101",
        "STATUS": "Appointed",
        "TERMINATION_REASON": "",
        "STATUS_REASON_DATE": "03/01/2026",
        "APPONT_RENEWAL_DATE": "03/01/2027",
        "COUNTY_CODE": "",
    }


def test_a_company_that_the_sandbox_does_not_know_is_told_as_it_was_filed(gateway: httpx.Client) -> None:
    odd = {"cocode": "<77>", "company_name": "Quay & <Sons>", "fein": "00-7&7", "county": "O'<Hara>"}
    file(gateway, **odd, effective_on="2026-12-01")
    (one,) = appointments(gateway)
    assert (one["COCODE"], one["COMPANY_NAME"], one["FEIN"], one["COUNTY_CODE"]) == tuple(odd.values())
    assert (one["STATUS_REASON_DATE"], one["APPONT_RENEWAL_DATE"]) == ("12/01/2026", "12/01/2027")


def test_an_accepted_termination_ends_an_appointment_of_the_population(gateway: httpx.Client) -> None:
    npn, one = appointed()
    before = appointments(gateway, npn)
    about = told(one, npn=npn)
    filed = file(gateway, **about, kind="termination", reason="Agent moved", effective_on="2026-03-31")
    assert filed["status"] == "accepted"
    after = appointments(gateway, npn)
    (place,) = [place for place, (old, new) in enumerate(zip(before, after, strict=True)) if old != new]
    assert before[place]["STATUS"] == "Appointed"
    assert after[place] == {
        **before[place],
        "STATUS": "Terminated",
        "TERMINATION_REASON": "Agent moved",
        "STATUS_REASON_DATE": "03/31/2026",
        "APPONT_RENEWAL_DATE": "",
    }
    assert file(gateway, **about, kind="termination")["code"] == "230"
    assert file(gateway, **about)["code"] == "", "who was terminated may be appointed again"


def test_an_accepted_termination_ends_an_appointment_filed_here(gateway: httpx.Client) -> None:
    for kind in ("appointment", "termination", "appointment"):
        assert file(gateway, kind=kind)["status"] == "accepted"
    assert [(one["STATUS"], one["TERMINATION_REASON"]) for one in appointments(gateway)] == [
        ("Terminated", "Not supplied"),
        ("Appointed", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "state", "cents"),
    [
        ("appointment", "TX", 1000),
        ("appointment", "NY", 0),
        ("appointment", "VT", None),
        ("termination", "CA", 3200),
        ("termination", "TX", 0),
        ("license", "TX", 5000),
    ],
)
def test_fees_are_told_where_they_are_known(
    gateway: httpx.Client, kind: str, state: str, cents: int | None
) -> None:
    assert file(gateway, kind=kind, state=state)["fees"] == {"state_cents": cents, "registry_cents": 153}
    assert state_cents(kind, state) == cents


def test_what_is_filed_is_in_the_next_weekdays_alerts(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    npn, one = appointed()
    silent = sample_npns(3, start=500)
    sandbox.control("today", {"days": 1})
    soap.watch(gateway, [NPN, npn, *silent], kinds=["APPOINTMENTS"])

    def tomorrow() -> list[set[str]]:
        sandbox.control("today", {"days": 1})
        return [soap.named(document) for document in soap.documents(gateway)]

    file(gateway)
    assert tomorrow() == [{NPN}]
    file(gateway, **told(one, npn=npn, kind="termination"))
    file(gateway, line_name="Surety")
    assert tomorrow() == [{npn}]
    assert tomorrow() == []


def test_a_filing_decided_while_nobody_asks_for_alerts_is_told_on_its_day(
    sandbox: SandboxProcess, gateway: httpx.Client
) -> None:
    sandbox.control("today", {"days": 1})
    soap.watch(gateway, [NPN])
    file(gateway)
    sandbox.control("today", {"days": 3})
    file(gateway, kind="termination")
    sandbox.control("today", {"days": 4})
    named = {
        str(day): soap.everybody_named(gateway, day)
        for day in (date(2026, 3, 16) + timedelta(days=days) for days in range(8))
    }
    assert [day for day, whom in named.items() if whom] == ["2026-03-17", "2026-03-20"]


def known(npn: str, day: date, rate: float, filed: list[tuple[date, dict[str, Any]]]) -> Producer:
    made = producer(npn, today=day)
    assert made is not None
    happened = []
    for on, about in filed:
        happens = happening(Filing(**{"npn": npn, **about}), on)
        assert happens is not None
        happened.append((on, happens))
    return lived(made, seed=1, today=day, rate=rate, filed=happened)


@given(
    st.sampled_from([NPN, *sample_npns(200), *sample_npns(50, start=7000)]),
    st.sampled_from([0, 12.0, 50.0]),
    st.dates(TODAY, date(2026, 12, 31)),
    st.integers(0, 60),
)
def test_filings_change_nothing_before_their_day_nor_what_has_no_part_in_them(
    npn: str, rate: float, day: date, days: int
) -> None:
    filed = [(day, {"kind": "appointment", "state": "CA", "cocode": "55555", "line_name": "Life"})]
    before = day - timedelta(days=1)
    assert known(npn, before, rate, filed) == known(npn, before, rate, [])
    later = day + timedelta(days=days)
    after = known(npn, later, rate, filed)
    (one,) = [one for one in after.appointments if one.company.cocode == "55555"]
    assert one.status_date >= day
    assert after.addresses == known(npn, later, rate, []).addresses
    until = next_change(after, seed=1, today=later, rate=rate)
    assert report.pdb_report(known(npn, until - timedelta(days=1), rate, filed)) == report.pdb_report(after)


def test_what_is_open_is_decided_by_hand(sandbox: SandboxProcess, gateway: httpx.Client) -> None:
    sandbox.control(f"gateway/npn/{NPN}", {"behavior": "action_required"})
    keys = [file(gateway, cocode=cocode)["key"] for cocode in ("90011", "90029", "90037")]
    asked = gateway.get(f"{BASE}/{keys[0]}").json()
    assert (asked["status"], asked["code"], asked["decided_at"]) == ("action_required", "500", None)
    assert asked["words"].startswith("The Department needs")
    assert appointments(gateway) == []
    accepted = sandbox.control(f"gateway/filings/{keys[0]}", {"status": "accepted"})
    assert (accepted["status"], accepted["words"], accepted["effective_on"]) == ("accepted", "", str(TODAY))
    rejected = sandbox.control(f"gateway/filings/{keys[1]}", {"status": "rejected", "words": "Too late."})
    assert (rejected["status"], rejected["code"], rejected["words"]) == ("rejected", "900", "Too late.")
    assert sandbox.control(f"gateway/filings/{keys[2]}", {"status": "submitted"})["code"] == ""
    statuses = gateway.post(f"{BASE}/statuses", json={"keys": keys}).json()["filings"]
    assert [one["status"] for one in statuses] == ["accepted", "rejected", "accepted"]
    assert [one["COCODE"] for one in appointments(gateway)] == ["90011", "90037"]


@pytest.mark.parametrize("status", ["accepted", "rejected"])
def test_a_decision_is_final(sandbox: SandboxProcess, gateway: httpx.Client, status: str) -> None:
    key = file(gateway)["key"]
    answer = gateway.post(f"/_control/gateway/filings/{key}", json={"status": status})
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "the filing is accepted already, which is final"},
    )
