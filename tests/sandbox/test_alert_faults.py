"""What goes wrong with the alerts service: on demand, by probability, and with the password."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from pathlib import Path

import httpx
import pytest
from lxml import etree

from muster_sandbox.alerts.faults import NAMES, OF_DAYS, OF_REPORTS, STRANGER, AlertFaults, Mishaps, damaged
from muster_sandbox.alerts.kinds import Kind
from muster_sandbox.alerts.trees import process_result
from muster_sandbox.population import producer, sample_npns
from tests.sandbox import soap
from tests.sandbox.process import SandboxProcess, sandbox_process
from tests.sandbox.soap import ACORD, Fault, ask, documents_of, named, post, watch

CURRENT, CATCH_UP, LIST = "receiveCurrentAlertsReport", "generateCatchUpReport", "retrieveAllSubscriptions"
SPECIFIC = "receiveSpecificReport"
NPNS = sample_npns(12)
MANUAL = Path(__file__).parents[2] / "docs" / "reference" / "sandbox.md"


@pytest.fixture
def alerts(lively: SandboxProcess) -> Iterable[httpx.Client]:
    with lively.client(timeout=30) as client:
        watch(client, NPNS)
        client.delete("/_control/ledger")
        yield client


def put_in_line(sandbox: SandboxProcess, *faults: str) -> None:
    sandbox.control("alerts", {"next": list(faults)})


def outcomes(sandbox: SandboxProcess) -> list[tuple[str, str]]:
    return [(one["operation"], one["outcome"]) for one in sandbox.ledger() if one["script"] == "alerts"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [("unavailable", 503), ("timeout", 504), ("error", 500), ("unauthorized", 401), ("broken", 200)],
)
def test_a_fault_in_line_hits_the_next_request_and_no_other(
    lively: SandboxProcess, alerts: httpx.Client, fault: str, status: int
) -> None:
    put_in_line(lively, fault)
    answer = post(alerts, LIST)
    assert answer.status_code == status
    if fault == "error":
        with pytest.raises(Fault, match="could not process") as refused:
            soap.answered(answer)
        assert refused.value.code == 999
    if fault == "broken":
        with pytest.raises(etree.XMLSyntaxError):
            etree.fromstring(answer.content)
    assert post(alerts, LIST).status_code == 200
    assert outcomes(lively) == [(LIST, fault), (LIST, "answered")]


def test_a_request_that_times_out_is_done_all_the_same(lively: SandboxProcess, alerts: httpx.Client) -> None:
    put_in_line(lively, "timeout")
    assert post(alerts, "addSubscription", soap.subscription("second")).status_code == 504
    assert set(lively.control("alerts")["targets"]) == {soap.SUBSCRIPTION, "second"}


def test_a_broken_refusal_is_broken_too(lively: SandboxProcess, alerts: httpx.Client) -> None:
    put_in_line(lively, "broken")
    answer = post(alerts, CURRENT)
    assert answer.status_code == 500
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(answer.content)


def breaks_off(document: bytes, whole: bytes) -> None:
    assert len(document) < len(whole)
    assert whole.startswith(document)


def is_broken(document: bytes, whole: bytes) -> None:
    assert len(whole) - 10 < len(document) < len(whole)
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(document)


def names_a_stranger(document: bytes, whole: bytes) -> None:
    assert named(document) == {*named(whole), STRANGER}
    assert producer(STRANGER, today=date(2026, 3, 2), population=6_999_999) is None


def has_an_unknown_line(document: bytes, whole: bytes) -> None:
    lines = [f"{{{ACORD}}}LineOfAuthorityCode" for _ in range(1)]
    codes = [one.text for one in etree.fromstring(document).iter(*lines)]
    assert codes[0] == "ZZ999"
    assert codes[1:] == [one.text for one in etree.fromstring(whole).iter(*lines)][1:]


def has_an_unknown_state(document: bytes, whole: bytes) -> None:
    first, *others = etree.fromstring(document).iter(f"{{{ACORD}}}JurisdictionReport")
    assert {one.text for one in first.iter(f"{{{ACORD}}}StateOrProvinceCode")} == {"ZZ"}
    assert "ZZ" not in {one.text for block in others for one in block.iter(f"{{{ACORD}}}StateOrProvinceCode")}


def repeats_itself(document: bytes, whole: bytes) -> None:
    def blocks(text: bytes) -> list[bytes]:
        found = etree.fromstring(text).iter(f"{{{ACORD}}}JurisdictionReport")
        return [etree.tostring(one, method="c14n") for one in found]

    assert blocks(document) == blocks(whole) * 2


@pytest.mark.parametrize("inline", [False, True])
@pytest.mark.parametrize(
    ("fault", "check"),
    [
        ("truncated", breaks_off),
        ("broken_report", is_broken),
        ("stranger", names_a_stranger),
        ("unknown_line", has_an_unknown_line),
        ("unknown_state", has_an_unknown_state),
        ("repeated", repeats_itself),
    ],
)
def test_a_fault_of_reports_waits_for_a_report_and_is_in_its_first_document(
    lively: SandboxProcess,
    alerts: httpx.Client,
    fault: str,
    check: Callable[[bytes, bytes], None],
    inline: bool,
) -> None:
    lively.control("alerts", {"inline_attachments": inline})
    whole = documents_of(ask(alerts, CATCH_UP))
    put_in_line(lively, fault)
    ask(alerts, LIST)
    with pytest.raises(Fault, match="no alerts"):
        ask(alerts, CURRENT)
    first, *others = documents_of(ask(alerts, CATCH_UP))
    check(first, whole[0])
    assert others == whole[1:]
    assert documents_of(ask(alerts, CATCH_UP)) == whole
    assert outcomes(lively) == [
        (CATCH_UP, "answered"),
        (LIST, "answered"),
        (CURRENT, "no_alerts"),
        (CATCH_UP, fault),
        (CATCH_UP, "answered"),
    ]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("fault", sorted(OF_REPORTS))
def test_every_kind_of_report_can_be_damaged_but_lines_and_states_are_of_licensing(
    kind: Kind, fault: str
) -> None:
    made = producer("9000018", today=date(2026, 3, 2))
    assert made is not None
    whole = process_result(kind, [(made, frozenset({"TX"}))], date(2026, 3, 2))
    worse = damaged([(kind, whole)], fault)
    if kind is not Kind.LICENSING and fault in ("unknown_line", "unknown_state"):
        assert worse is None
    else:
        assert worse is not None
        assert worse[0][1] != whole


def test_the_same_faults_by_probability_hit_the_same_requests_in_another_process() -> None:
    faults = ",".join(f"{name}=0.08" for name in NAMES if name not in OF_DAYS)
    runs = []
    for _ in range(2):
        with (
            sandbox_process(seed=2, alert_faults=faults, today="2026-03-02", timeout_hold=0) as sandbox,
            sandbox.client() as client,
        ):
            for _ in range(40):
                post(client, "addSubscription", soap.subscription())
                post(client, "addTargets", soap.targets(NPNS))
                post(client, CATCH_UP)
            runs.append(outcomes(sandbox))
    assert runs[0] == runs[1]
    assert {outcome for _, outcome in runs[0]} == {*NAMES, "answered", "refused"} - OF_DAYS


def the_day_with_most(sandbox: SandboxProcess) -> date:
    """Let two weeks pass; return the day whose report names most."""
    sandbox.control("today", {"days": 14})
    reports = sandbox.control("alerts")["reports"]
    return date.fromisoformat(max(reports, key=lambda day: max(reports[day].values())))


def test_a_day_in_line_is_unavailable_until_the_next_weekday_and_no_other_is(
    lively: SandboxProcess, alerts: httpx.Client
) -> None:
    day = the_day_with_most(lively)
    whole = soap.everybody_named(alerts, day)
    put_in_line(lively, "day_unavailable")
    ask(alerts, LIST)
    for _ in range(2):
        assert post(alerts, SPECIFIC, f"<reportDate>{day}</reportDate>").status_code == 503
        assert soap.documents(alerts, day - timedelta(days=7)) is not None
    lively.control("today", {"days": 1})
    assert soap.everybody_named(alerts, day) == whole != set()
    assert [outcome for name, outcome in outcomes(lively) if name == SPECIFIC].count("day_unavailable") == 2


def test_a_late_report_lacks_some_until_the_next_weekday(
    lively: SandboxProcess, alerts: httpx.Client
) -> None:
    day = the_day_with_most(lively)
    whole = soap.everybody_named(alerts, day)
    put_in_line(lively, "late")
    at_first = soap.everybody_named(alerts, day)
    assert at_first < whole
    assert soap.everybody_named(alerts, day) == at_first
    lively.control("today", {"days": 1})
    assert soap.everybody_named(alerts, day) == whole


def test_days_have_their_faults_by_probability_and_lose_them_in_time() -> None:
    mishaps = Mishaps(AlertFaults(late=0.2, day_unavailable=0.2, error=0.5))
    again = Mishaps(AlertFaults(late=0.2, day_unavailable=0.2, error=0.5))
    days = [date(2026, 3, 2) + timedelta(days=number) for number in range(500)]
    found = {day: mishaps.of_day(day, seed=1, today=day) for day in days}
    assert found == {day: again.of_day(day, seed=1, today=day) for day in reversed(days)}
    for fault, longest in (("late", 3), ("day_unavailable", 9)):
        hit = [day for day in days if found[day] == fault]
        assert 50 < len(hit) < 150
        lasting = set()
        for day in hit:
            today = day
            while mishaps.of_day(day, seed=1, today=today):
                today += timedelta(days=1)
            lasting.add((today - day).days)
        assert max(lasting) == longest
    assert all(mishaps.coming(seed=1, attempt=number) in ("", "error") for number in range(100))


def test_a_late_report_of_one_has_no_alerts_at_first(lively: SandboxProcess, alerts: httpx.Client) -> None:
    with lively.client(timeout=30) as client:
        client.post("/_control/reset", json={})
        watch(client, NPNS[:1])
        client.post("/_control/npn/" + NPNS[0], json={"last_name": "Otherwise"}).raise_for_status()
        lively.control("today", {"days": 1})
        assert soap.everybody_named(client) == {NPNS[0]}
        put_in_line(lively, "late")
        with pytest.raises(Fault, match="no alerts") as refused:
            ask(client, CURRENT)
        assert refused.value.code == 5


def test_an_expired_password_is_refused_by_every_service_and_not_by_the_control(
    lively: SandboxProcess, alerts: httpx.Client
) -> None:
    entity = "/pdb-xml-reports/entityinfo_xml.cgi?id_entity=1000001"
    assert lively.control("password") == {"expired": False}
    lively.control("password", {"expired": True})
    for answer in (post(alerts, LIST), alerts.get(entity), alerts.get(f"{soap.PATH}?wsdl")):
        assert (answer.status_code, answer.text) == (401, "The password has expired.")
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    lively.control("password", {"expired": False})
    assert post(alerts, LIST).status_code == alerts.get(entity).status_code == 200


def test_the_reset_takes_back_what_was_set(lively: SandboxProcess, alerts: httpx.Client) -> None:
    lively.control("alerts", {"faults": {"error": 1}, "next": ["unavailable"], "inline_attachments": True})
    lively.control("password", {"expired": True})
    lively.control("reset", {})
    shown = lively.control("alerts")
    assert shown["faults"] == dict.fromkeys(NAMES, 0)
    assert (shown["next"], shown["inline_attachments"], shown["targets"]) == ([], False, {})
    assert post(alerts, LIST).status_code == 200


@pytest.mark.parametrize(
    ("page", "body", "words"),
    [
        ("alerts", {"faults": {"sleep": 1}}, "'sleep' is not a fault; the faults are unavailable, timeout"),
        ("alerts", {"faults": {"error": 0.6, "broken": 0.6}}, "together must be at most 1"),
        ("alerts", {"next": "error"}, "next must be a list of faults"),
        ("alerts", {"next": ["sleep"]}, "next must be a list of faults; the faults are unavailable"),
        ("alerts", {"inline_attachments": 1}, "inline_attachments must be true or false"),
        ("alerts", {"color": 1}, "'color' cannot be set"),
        ("password", {"expired": "yes"}, "expired must be true or false"),
        ("password", {}, "expired must be true or false"),
    ],
)
def test_settings_that_make_no_sense_are_refused_and_change_nothing(
    lively: SandboxProcess, alerts: httpx.Client, page: str, body: dict[str, object], words: str
) -> None:
    before = lively.control("alerts"), lively.control("password")
    answer = alerts.post(f"/_control/{page}", json=body)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert (lively.control("alerts"), lively.control("password")) == before


def test_the_manual_lists_the_faults_as_they_are() -> None:
    text = MANUAL.read_text(encoding="utf-8").partition("## Alerts")[2].partition("\n## ")[0]
    assert tuple(re.findall(r"^\| `(\w+)` \|", text, re.M)[1:]) == NAMES
    assert AlertFaults.parse("error=0.5").as_dict()["error"] == 0.5
