"""The alerts service over HTTP: its operations, whom its reports name and when, and what it refuses."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from muster_sandbox import report
from muster_sandbox.alerts.soap import schema
from muster_sandbox.identifiers import ssn_of
from muster_sandbox.life import lived
from muster_sandbox.population import producer, sample_firm_npns, sample_npns
from tests.sandbox import soap
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.sandbox.soap import (
    ACORD,
    NAMESPACE,
    SUBSCRIPTION,
    Fault,
    ask,
    documents,
    documents_of,
    everybody_named,
    named,
    subscription,
    targets,
    texts,
    watch,
)

MONDAY = date(2026, 3, 2)
RATE = 12
NPN = "1000007"
MANUAL = Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md"


@pytest.fixture
def alerts(lively: SandboxProcess) -> Iterable[httpx.Client]:
    """A client of a lively sandbox; it is Monday, 2026-03-02."""
    with lively.client(timeout=60) as client:
        yield client


def move(client: httpx.Client, days: int = 1) -> date:
    answer = client.post("/_control/today", json={"days": days})
    return date.fromisoformat(answer.raise_for_status().json()["today"])


def set_npn(client: httpx.Client, npn: str, **settings: object) -> None:
    client.post(f"/_control/npn/{npn}", json=settings).raise_for_status()


def as_of(npn: str, day: date) -> str:
    """Return the entity report of a day, made without the alerts."""
    made = producer(npn, today=day)
    assert made is not None
    return report.pdb_report(lived(made, seed=1, today=day, rate=RATE))


def reported(npns: Iterable[str], last: date, first: date = MONDAY) -> dict[date, set[str]]:
    """Return whom each weekday's report must name, from the entity reports alone."""
    expected: dict[date, set[str]] = {}
    before = {npn: as_of(npn, first) for npn in npns}
    day = first
    while (day := day + timedelta(days=1)) <= last:
        if day.weekday() < 5:
            now = {npn: as_of(npn, day) for npn in before}
            expected[day] = {npn for npn in before if before[npn] != now[npn]}
            before = now
    return expected


def test_whoever_changed_is_named_in_exactly_the_next_weekdays_report(alerts: httpx.Client) -> None:
    npns = [*sample_npns(60, start=300), *sample_firm_npns(10)]
    watch(alerts, npns)
    expected = reported(npns, MONDAY + timedelta(days=35))
    assert sum(map(len, expected.values())) > 50
    assert any(expected[day] for day in expected if day.weekday() == 0)
    while (day := move(alerts)) < max(expected):
        assert everybody_named(alerts) == expected.get(day, set()), day
        if day.weekday() >= 5:
            assert documents(alerts) == []


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, 900_000), steps=st.lists(st.integers(1, 9), min_size=1, max_size=4))
def test_however_time_moves_each_days_report_is_the_same(
    lively: SandboxProcess, place: int, steps: list[int]
) -> None:
    lively.control("reset", {})
    npns = sample_npns(8, start=place)
    with lively.client(timeout=60) as client:
        watch(client, npns)
        last = [move(client, days) for days in steps][-1]
        expected = {
            day: whom for day, whom in reported(npns, last).items() if day >= last - timedelta(days=30)
        }
        assert {day: everybody_named(client, day) for day in expected} == expected


def test_the_same_seed_makes_the_same_reports_in_another_process_and_pace() -> None:
    npns, made = sample_npns(40, start=77), []
    for steps in ([1] * 21, [21]):
        with sandbox_process(today=MONDAY, life=RATE, seed=4) as sandbox, sandbox.client() as client:
            watch(client, npns)
            for days in steps:
                last = move(client, days)
            made.append(
                {day: documents(client, day) for day in (last - timedelta(days=back) for back in range(21))}
            )
    assert made[0] == made[1]
    assert sum(map(bool, made[0].values())) > 10


def test_what_is_set_on_one_day_is_in_the_next_weekdays_report(alerts: httpx.Client) -> None:
    quiet = next(
        npn
        for npn in sample_npns(200)
        if as_of(npn, MONDAY) == as_of(npn, MONDAY + timedelta(days=14))
        and len({one.state for one in producer(npn, today=MONDAY).licenses if one.active}) > 1
    )
    state = producer(quiet, today=MONDAY).licenses[-1].state
    watch(alerts, [quiet])
    set_npn(alerts, quiet, inactive_states=[state])
    assert documents(alerts) == []
    assert move(alerts) == date(2026, 3, 3)
    (licensing,) = documents(alerts)
    assert named(licensing) == {quiet}
    block = etree.fromstring(licensing).find(f".//{{{ACORD}}}JurisdictionReportItem")
    assert block.findtext(f"{{{ACORD}}}StateOrProvinceCode") == state
    assert {one.text for one in block.iterfind(f".//{{{ACORD}}}License/{{{ACORD}}}StatusCode")} == {
        "Inactive"
    }
    move(alerts)
    assert documents(alerts) == []
    assert move(alerts, 3).weekday() == 5
    set_npn(alerts, quiet, last_name="Weekender")
    assert documents(alerts) == []
    assert move(alerts, 2).weekday() == 0
    assert [named(each) for each in documents(alerts)] == [{quiet}] * 2, "licensing, and the name"
    alerts.delete(f"/_control/npn/{quiet}")
    move(alerts)
    assert [etree.QName(etree.fromstring(each)).localname for each in documents(alerts)] == [
        "DemographicsReportProcessResult"
    ]


def test_the_licensing_report_says_what_the_entity_report_says(alerts: httpx.Client) -> None:
    npns = sample_npns(60, start=300)
    watch(alerts, npns)
    move(alerts, 30)
    compared = repeated = 0
    for back in range(29):
        day = MONDAY + timedelta(days=30 - back)
        for document in documents(alerts, day):
            root = etree.fromstring(document)
            if etree.QName(root).localname != "LicensingReportProcessResult":
                continue
            people = {one.get("key"): one.findtext(".//{*}Id") for one in root.iter("{*}Person")}
            blocks = [etree.tostring(one) for one in root.iter("{*}JurisdictionReport")]
            repeated += len(blocks) - len(set(blocks))
            for block in root.iter("{*}JurisdictionReport"):
                npn = people[block.find("{*}PersonReferences").get("personReference")]
                told = etree.fromstring(as_of(npn, day).encode())
                for item in block.iter("{*}JurisdictionReportItem"):
                    compared += 1
                    compare(item, told)
    assert compared > 20
    assert repeated > 0


def compare(item: etree._Element, told: etree._Element) -> None:
    """Compare the licenses of a state in a licensing report with those of the entity report."""
    state = item.findtext("{*}StateOrProvinceCode")
    licenses = told.findall(f".//LICENSE_INFORMATION/STATE[@name='{state}']/LICENSE")
    assert len(item.findall("{*}Licensee/{*}InsuranceLicense")) == len(licenses)
    for ours, theirs in zip(item.iterfind("{*}Licensee/{*}InsuranceLicense"), licenses, strict=True):
        held = ours.find("{*}License")
        assert held.findtext("{*}LicenseNumberId") == theirs.findtext("LICENSE_NUM")
        assert held.findtext("{*}LicenseClassCode") == theirs.findtext("LICENSE_CLASS_CODE")
        assert held.findtext("{*}StateOrProvinceCode") == state
        assert american(held.findtext("{*}IssueDate")) == theirs.findtext("DATE_ISSUE_LICENSE_ORIG")
        expires = theirs.findtext("DATE_EXPIRE_LICENSE")
        assert american(held.findtext("{*}LicensePeriod/{*}EndDate") or "") == expires
        assert (held.findtext("{*}StatusCode") == "Active") == (theirs.findtext("ACTIVE") == "Yes")
        resident = ours.findtext("{*}ResidentLicenseIndicator")
        assert resident == str(theirs.findtext("RESIDENCY_STATUS") == "R").lower()
        lines = [
            tuple(line.findtext(f"{{*}}{name}") for name in ("LineOfAuthorityCode", "StatusCode"))
            for line in ours.iterfind("{*}LineOfAuthority")
        ]
        assert lines == [
            (line.findtext("LOA_CODE"), line.findtext("STATUS")) for line in theirs.iter("DETAIL")
        ]


def american(day: str) -> str:
    return re.sub(r"^(\d+)-(\d+)-(\d+)$", r"\2/\3/\1", day)


def test_targets_come_by_npn_ssn_and_fein_and_who_is_unknown_is_told(alerts: httpx.Client) -> None:
    ask(alerts, "addSubscription", subscription())
    person = producer(NPN, today=MONDAY)
    assert person is not None

    def add(kind: str, listed: str, operation: str = "addTargets") -> etree._Element:
        return ask(
            alerts,
            operation,
            f"<subscriptionName>{SUBSCRIPTION}</subscriptionName><targetInputData>"
            f"<inputFormat>{kind}</inputFormat><targetInputList>{listed}</targetInputList></targetInputData>",
        )

    ssn = ssn_of(int(NPN), seed=1)
    by_ssn = add(
        "SSN_LASTNAME",
        f"<ssnLNameList><ssn>{ssn}</ssn><lastname>{person.last_name.upper()}</lastname></ssnLNameList>"
        f"<ssnLNameList><ssn>{ssn}</ssn><lastname>Nobody</lastname></ssnLNameList>"
        "<ssnLNameList><ssn>123-45-6789</ssn><lastname></lastname></ssnLNameList>",
    )
    assert texts(by_ssn, "validTargetList", "npn", "addedDate") == [(NPN, "2026-03-02")]
    assert texts(by_ssn, "invalidInputList", "input", "invalidReason") == [
        (ssn, "No producer has this SSN and last name."),
        ("123-45-6789", "No producer has this SSN and last name."),
    ]
    move(alerts)
    by_fein = add(
        "FEIN",
        "<feinList>008000042</feinList><feinList>00-8000043</feinList><feinList>001000007</feinList>",
    )
    assert texts(by_fein, "validTargetList", "npn", "addedDate") == [
        ("8000042", "2026-03-03"),
        ("8000043", "2026-03-03"),
    ]
    assert texts(by_fein, "invalidInputList", "input", "invalidReason") == [
        ("001000007", "No producer has this FEIN.")
    ]
    set_npn(alerts, "1000008", behavior="not_found")
    by_npn = add(
        "NPN", "".join(f"<npnList>{npn}</npnList>" for npn in (f"000{NPN}", "9000001", "1000008", "x"))
    )
    assert texts(by_npn, "validTargetList", "npn", "addedDate") == [(NPN, "2026-03-02")]
    assert [given_ for given_, _ in texts(by_npn, "invalidInputList", "input", "invalidReason")] == [
        "9000001",
        "1000008",
        "x",
    ]
    there = ask(alerts, "retrieveTargets", f"<subscriptionName>{SUBSCRIPTION}</subscriptionName>")
    assert texts(there, "validTargetList", "npn") == [(NPN,), ("8000042",), ("8000043",)]
    gone = add("NPN", f"<npnList>{NPN}</npnList><npnList>1000009</npnList>", "removeTargets")
    assert texts(gone, "validTargetList", "npn") == [(NPN,)]
    assert texts(gone, "invalidInputList", "input", "invalidReason") == [
        ("1000009", f"Not a target of {SUBSCRIPTION}.")
    ]
    ask(alerts, "removeAllTargets", f"<subscriptionName>{SUBSCRIPTION}</subscriptionName>")
    empty = ask(alerts, "retrieveTargets", f"<subscriptionName>{SUBSCRIPTION}</subscriptionName>")
    assert texts(empty, "validTargetList", "npn") == []


def test_no_ssn_is_written_to_the_home(tmp_path: Path) -> None:
    ssn = ssn_of(int(NPN), seed=1)
    person = producer(NPN, today=MONDAY)
    assert person is not None
    listed = f"<ssnLNameList><ssn>{ssn}</ssn><lastname>{person.last_name}</lastname></ssnLNameList>"
    with sandbox_process(home=tmp_path, today=MONDAY, life=50) as sandbox, sandbox.client() as client:
        ask(client, "addSubscription", subscription())
        ask(
            client,
            "addTargets",
            f"<subscriptionName>{SUBSCRIPTION}</subscriptionName><targetInputData>"
            f"<inputFormat>SSN_LASTNAME</inputFormat><targetInputList>{listed}</targetInputList>"
            "</targetInputData>",
        )
        move(client, 20)
    assert not any(ssn.encode() in path.read_bytes() for path in tmp_path.iterdir())


def test_subscriptions_are_kept_changed_listed_and_removed(alerts: httpx.Client) -> None:
    def listed() -> list[str]:
        found = ask(alerts, "retrieveAllSubscriptions")
        schema().assertValid(found)
        return [
            "".join(etree.tostring(child).decode() for child in one)
            for one in found.iter(f"{{{NAMESPACE}}}subscriptionData")
        ]

    assert listed() == []
    ask(alerts, "addSubscription", subscription("two", "<stateList>TX</stateList><stateList>CA</stateList>"))
    ask(alerts, "addSubscription", subscription("one", kinds=["LICENSING", "RIRS"]))
    first, second = listed()
    assert re.findall("subscriptionName [^>]*>([a-z]+)", first + second) == ["one", "two"]
    assert re.findall("alertTypeList>([A-Z]+)", first) == ["LICENSING", "RIRS"]
    assert "allStates" in first
    assert re.findall("stateList>([A-Z]+)", second) == ["TX", "CA"]
    ask(alerts, "editSubscription", subscription("one", "<residentStateOnly>true</residentStateOnly>"))
    assert "residentStateOnly" in listed()[0]
    ask(alerts, "removeSubscription", "<subscriptionName>one</subscriptionName>")
    assert len(listed()) == 1


def test_only_the_kinds_and_states_of_a_subscription_are_told(alerts: httpx.Client) -> None:
    npns = sample_npns(40, start=300)
    watch(alerts, npns, states="<residentStateOnly>true</residentStateOnly>", kinds=["LICENSING"])
    move(alerts, 30)
    found = [
        each for back in range(29) for each in documents(alerts, date(2026, 4, 1) - timedelta(days=back))
    ]
    assert found
    for document in found:
        root = etree.fromstring(document)
        assert etree.QName(root).localname == "LicensingReportProcessResult"
        people = {one.get("key"): one.findtext(".//{*}Id") for one in root.iter("{*}Person")}
        for block in root.iter("{*}JurisdictionReport"):
            npn = people[block.find("{*}PersonReferences").get("personReference")]
            states = {one.text for one in block.iterfind("{*}JurisdictionReportItem/{*}StateOrProvinceCode")}
            assert states == {producer(npn, today=MONDAY).resident_state}


def test_the_catch_up_report_tells_of_everybody(alerts: httpx.Client) -> None:
    npns = {"9000002", "9000005", "9000018", NPN}
    ask(alerts, "addSubscription", subscription())
    with pytest.raises(Fault, match="no targets"):
        ask(alerts, "generateCatchUpReport")
    ask(alerts, "addTargets", targets(npns))
    licensing, demographics, appointments, actions = documents_of(ask(alerts, "generateCatchUpReport"))
    assert named(licensing) == npns - {"9000002"}
    assert named(demographics) == npns
    assert named(appointments) <= npns
    assert named(actions) >= {"9000018"}
    assert documents(alerts) == []


@pytest.mark.parametrize(
    ("day", "code", "words"),
    [
        ("2026-03-29", 5, "There are no alerts for 2026-03-29."),
        ("2026-04-01", 904, "There is no report of 2026-04-01 yet: today is 2026-03-31."),
        ("2026-02-28", 905, "The report of 2026-02-28 is no longer kept: ask for one of the last 30 days."),
        ("2026-03-01Z", 5, "There are no alerts for 2026-03-01."),
        ("12026-03-01", 901, "reportDate 12026-03-01 is not a day that there can be."),
        ("03/04/2026", 901, "'03/04/2026' is not a valid value"),
    ],
)
def test_a_report_that_is_not_there_is_a_fault(alerts: httpx.Client, day: str, code: int, words: str) -> None:
    watch(alerts, sample_npns(5))
    move(alerts, 29)
    with pytest.raises(Fault) as refused:
        ask(alerts, "receiveSpecificReport", f"<reportDate>{day}</reportDate>")
    assert refused.value.code == code
    assert words in refused.value.message


NO_SUCH = "<subscriptionName>no such</subscriptionName>"


@pytest.mark.parametrize(
    ("operation", "inside", "code", "words"),
    [
        ("removeSubscription", NO_SUCH, 902, "There is no subscription 'no such'; add it first."),
        ("retrieveTargets", NO_SUCH, 902, "There is no subscription 'no such'"),
        ("removeAllTargets", NO_SUCH, 902, "There is no subscription 'no such'"),
        ("addTargets", targets([NPN], "no such"), 902, "There is no subscription 'no such'"),
        ("removeTargets", targets([NPN], "no such"), 902, "There is no subscription 'no such'"),
        ("editSubscription", subscription("no such"), 902, "There is no subscription 'no such'"),
        ("addSubscription", subscription(), 903, f"There is a subscription '{SUBSCRIPTION}' already"),
        ("addSubscription", "", 901, "Missing child element(s). Expected is ( subscriptionInputData )"),
        ("addSubscription", subscription(states="<stateList>ZZ</stateList>"), 901, "'ZZ'"),
        ("addSubscription", subscription(kinds=["MAIL"]), 901, "'MAIL'"),
        ("addSubscription", subscription().replace("alerts@", "alerts"), 901, "email"),
        ("receiveCurrentAlertsReport", "<day/>", 901, "the content type is empty"),
        ("sellInsurance", "", 901, "sellInsurance is not an operation of this service"),
        (
            "addTargets",
            targets([NPN]).replace(">NPN<", ">FEIN<"),
            901,
            "inputFormat FEIN goes with feinList",
        ),
    ],
)
def test_what_cannot_be_done_is_a_fault_that_says_why(
    alerts: httpx.Client, operation: str, inside: str, code: int, words: str
) -> None:
    ask(alerts, "addSubscription", subscription())
    with pytest.raises(Fault) as refused:
        ask(alerts, operation, inside)
    assert refused.value.code == code
    assert words in refused.value.message


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)
EMPTY = f'<s:Envelope xmlns:s="{soap.ENVELOPE}"><s:Body>%s</s:Body></s:Envelope>'
CURRENT = f'<receiveCurrentAlertsReport xmlns="{NAMESPACE}"/>'


@pytest.mark.parametrize(
    ("body", "action", "words"),
    [
        ("", "", "not well-formed XML"),
        ("<a><b></a>", "", "not well-formed XML"),
        ("<a/>", "", "not a SOAP 1.1 envelope"),
        (EMPTY % "", "", "exactly one element"),
        (EMPTY % (CURRENT * 2), "", "exactly one element"),
        (EMPTY % "<receiveCurrentAlertsReport/>", "", "not an operation"),
        (EMPTY % CURRENT, f'"{NAMESPACE}/addTargets"', "SOAPAction does not name"),
        (BOMB + EMPTY % CURRENT, "", "a document type is not allowed"),
        (
            '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/hostname">]>'
            + EMPTY
            % f'<removeSubscription xmlns="{NAMESPACE}"><subscriptionName>&f;</subscriptionName>'
            "</removeSubscription>",
            "",
            "a document type is not allowed",
        ),
        (EMPTY % (f"<!--{'long ' * 3_400_000}-->" + CURRENT), "", "too long"),
    ],
    ids=lambda value: value[:20],
)
def test_a_request_that_cannot_be_read_is_a_fault(
    alerts: httpx.Client, body: str, action: str, words: str
) -> None:
    answer = alerts.post(soap.PATH, content=body.encode(), headers={"SOAPAction": action})
    with pytest.raises(Fault) as refused:
        soap.answered(answer)
    assert refused.value.code == 901
    assert words in refused.value.message


def test_it_wants_the_password_and_gives_the_interface_file_with_its_own_address(
    lively: SandboxProcess, alerts: httpx.Client
) -> None:
    assert httpx.post(f"{lively.url}{soap.PATH}", trust_env=False).status_code == 401
    assert alerts.get(soap.PATH).status_code == 405
    interface = etree.fromstring(alerts.get(f"{soap.PATH}?wsdl").content)
    (address,) = interface.iter("{http://schemas.xmlsoap.org/wsdl/soap/}address")
    assert address.get("location") == f"{lively.url}{soap.PATH}"


def test_reports_come_inside_the_answer_if_that_is_chosen(
    lively: SandboxProcess, alerts: httpx.Client
) -> None:
    watch(alerts, sample_npns(20))
    attached = soap.post(alerts, "generateCatchUpReport")
    lively.control("alerts", {"inline_attachments": True})
    inside = soap.post(alerts, "generateCatchUpReport")
    assert inside.headers["content-type"].startswith("text/xml")
    assert attached.headers["content-type"].startswith("multipart/related")
    assert documents_of(soap.answered(inside)) == documents_of(soap.answered(attached))


@pytest.mark.parametrize(
    "operation", ["receiveCurrentAlertsReport", "generateCatchUpReport", "retrieveAllSubscriptions"]
)
def test_answers_are_as_the_interface_file_says(alerts: httpx.Client, operation: str) -> None:
    watch(alerts, sample_npns(20), states="<stateList>TX</stateList><stateList>CA</stateList>")
    while not documents(alerts):
        move(alerts)
    schema().assertValid(ask(alerts, operation))


def test_reports_and_subscriptions_survive_a_restart_and_days_without_the_sandbox(tmp_path: Path) -> None:
    npns = sample_npns(40)
    with sandbox_process(home=tmp_path, today=MONDAY, life=RATE) as sandbox, sandbox.client() as client:
        watch(client, npns)
        move(client, 3)
        before = {day: documents(client, day) for day in (MONDAY + timedelta(days=n) for n in range(4))}
        assert any(before.values())
    with (
        sandbox_process(home=tmp_path, today="2026-03-16", life=RATE) as sandbox,
        sandbox.client() as client,
    ):
        assert sandbox.control("today")["today"] == "2026-03-19"
        assert {day: documents(client, day) for day in before} == before
        expected = reported(npns, date(2026, 3, 19))
        assert {day: everybody_named(client, day) for day in expected} == expected
        assert sandbox.control("alerts")["targets"] == {SUBSCRIPTION: 40}
        sandbox.control("reset", {})
        shown = sandbox.control("alerts")
        assert (shown["targets"], shown["reports"]) == ({}, {})


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_sandbox_that_is_stopped_while_it_makes_reports_makes_the_rest_later(
    tmp_path: Path, number: signal.Signals
) -> None:
    npns = sample_npns(100)
    with (
        sandbox_process(home=tmp_path, today=MONDAY, life=RATE) as sandbox,
        sandbox.client() as client,
        sandbox.client() as other,
        ThreadPoolExecutor(1) as pool,
    ):
        watch(client, npns)
        moving = pool.submit(move, client, 90)
        while other.get("/_control/today").json()["days_ahead"] == 0:
            pass
        assert sandbox.stop(number) == (0 if number is signal.SIGTERM else -number)
        moving.exception()
    with sandbox_process(home=tmp_path, today=MONDAY, life=RATE) as sandbox, sandbox.client() as client:
        last = date.fromisoformat(sandbox.control("today")["today"])
        assert last == MONDAY + timedelta(days=90)
        friday = date(2026, 5, 1)
        expected = reported(npns, last, friday)
        assert len(expected) == 20
        assert {day: everybody_named(client, day) for day in expected} == expected


def test_another_rate_of_life_is_seen_by_the_next_report(tmp_path: Path) -> None:
    npns = sample_npns(10)
    with sandbox_process(home=tmp_path, today=MONDAY) as sandbox, sandbox.client() as client:
        watch(client, npns)
    with (
        sandbox_process(home=tmp_path, today="2026-03-03", life=50) as sandbox,
        sandbox.client() as client,
    ):
        assert everybody_named(client) == set(npns)


def test_others_are_answered_while_reports_are_made(lively: SandboxProcess, alerts: httpx.Client) -> None:
    watch(alerts, sample_npns(200))
    with ThreadPoolExecutor(1) as pool, lively.client() as other:
        moving = pool.submit(move, alerts, 60)
        answers = 0
        while not moving.done():
            other.get("/pdb-xml-reports/entityinfo_xml.cgi", params={"id_entity": NPN}).raise_for_status()
            answers += 1
        assert moving.result() == MONDAY + timedelta(days=60)
    assert answers > 2


def test_the_manual_names_every_error_code() -> None:
    from muster_sandbox.alerts.problems import Code

    table = {int(code) for code in re.findall(r"^\| (\d+) \| ", MANUAL.read_text(encoding="utf-8"), re.M)}
    assert set(map(int, Code)) <= table
