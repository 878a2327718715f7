"""Life after the history: determined by seed, NPN and rate; it goes on, and never changes what has been."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from muster_sandbox import report
from muster_sandbox.career import LAST_DAY
from muster_sandbox.life import lived, next_change
from muster_sandbox.places import ENDED_WITH_THE_LICENSE
from muster_sandbox.population import producer, sample_npns
from muster_sandbox.records import License, Producer
from muster_sandbox.specials import SPECIALS
from tests.sandbox.process import SOURCES, SandboxProcess, sandbox_process

FIRST = LAST_DAY + timedelta(days=1)
ORDINARY = st.one_of(st.integers(1_000_001, 2_000_000), st.integers(8_000_001, 8_100_000))
EVERYBODY = st.one_of(ORDINARY, st.sampled_from([int(special.npn) for special in SPECIALS if special.exists]))
SEEDS = st.integers(0, 2**32)
RATES = st.sampled_from([0.5, 2, 12, 50])
DAYS = st.dates(FIRST, date(2029, 12, 31))
RATE = 2.0


def known(npn: int | str, today: date, *, seed: int = 1, rate: float = RATE) -> Producer:
    made = producer(npn, seed=seed, today=today)
    assert made is not None
    return lived(made, seed=seed, today=today, rate=rate)


@given(EVERYBODY, SEEDS, DAYS)
def test_without_life_a_producer_is_as_the_population_has_it(npn: int, seed: int, today: date) -> None:
    assert known(npn, today, seed=seed, rate=0) == producer(npn, seed=seed, today=today)


@given(st.sampled_from([special.npn for special in SPECIALS if special.exists]), SEEDS, DAYS)
def test_special_npns_have_no_life(npn: str, seed: int, today: date) -> None:
    assert known(npn, today, seed=seed, rate=50) == producer(npn, seed=seed, today=today)


@given(EVERYBODY, SEEDS, RATES, DAYS, st.integers(0, 400))
def test_nothing_changes_before_the_day_on_which_something_may(
    npn: int, seed: int, rate: float, today: date, days: int
) -> None:
    made = known(npn, today, seed=seed, rate=rate)
    until = next_change(made, seed=seed, today=today, rate=rate)
    assert until > today
    day = min(today + timedelta(days=days), until - timedelta(days=1))
    assert report.pdb_report(known(npn, day, seed=seed, rate=rate)) == report.pdb_report(made)


@given(ORDINARY, SEEDS, RATES, DAYS, st.integers(0, 400))
def test_what_has_been_stays(npn: int, seed: int, rate: float, today: date, days: int) -> None:
    before = known(npn, today, seed=seed, rate=rate)
    after = known(npn, today + timedelta(days=days), seed=seed, rate=rate)
    assert after.actions[: len(before.actions)] == before.actions
    assert [(one.state, one.number, one.issued) for one in before.licenses] == [
        (one.state, one.number, one.issued) for one in after.licenses[: len(before.licenses)]
    ]
    for old, new in zip(before.licenses, after.licenses, strict=False):
        lines = [(line.code, line.issued) for line in old.lines]
        assert lines == [(line.code, line.issued) for line in new.lines[: len(lines)]]
        if not new.active and new.updated <= today:
            assert not old.active
            assert old.expires == new.expires
    for old_one, new_one in zip(before.appointments, after.appointments, strict=False):
        assert (old_one.state, old_one.company, old_one.line_code) == (
            new_one.state,
            new_one.company,
            new_one.line_code,
        )
        if not old_one.appointed:
            assert old_one == new_one


@given(ORDINARY, SEEDS, RATES, DAYS)
def test_a_life_is_possible(npn: int, seed: int, rate: float, today: date) -> None:
    made = known(npn, today, seed=seed, rate=rate)
    keys = [(one.state, one.number, one.class_code) for one in made.licenses]
    assert len(keys) == len(set(keys))
    for held in made.licenses:
        assert held.issued <= held.updated <= today
        assert held.lines
        codes = [(line.code, line.name) for line in held.lines]
        assert len(codes) == len(set(codes))
        for line in held.lines:
            assert held.issued <= line.issued <= today
            assert line.status_date <= today
            assert held.active or not line.active
        if held.active and held.expires:
            assert held.expires >= today
    there = [(one.state, one.company.cocode, one.line_code) for one in made.appointments]
    assert len(there) == len(set(there))
    for one in made.appointments:
        assert one.status_date <= today
        assert (one.renewal is not None) == one.appointed == (not one.termination_reason)
        assert one.renewal is None or one.renewal > today
    assert all(one.entered <= max(today, LAST_DAY + timedelta(days=21)) for one in made.actions)


def changes(before: Producer, after: Producer) -> Iterator[str]:
    """Yield what happened to a producer, in words."""
    for old, new in zip(before.licenses, after.licenses, strict=False):
        if old.active and not new.active:
            reasons = {line.status_reason for line in new.lines if line.status_date == new.updated}
            yield f"license: {reasons.pop()}"
            assert not reasons
        if old.active and new.active:
            yield from ["line added"] * (len(new.lines) - len(old.lines))
            yield from (
                "line lost"
                for one, other in zip(old.lines, new.lines, strict=False)
                if one.active and not other.active
            )
        if not old.active and new.active:
            yield "license reinstated"
    yield from ["new license"] * (len(after.licenses) - len(before.licenses))
    if [one.line_1 for one in before.addresses] != [
        one.line_1 for one in after.addresses[: len(before.addresses)]
    ]:
        yield "moved"
    for old_contact, new_contact in zip(before.contacts[:1], after.contacts[:1], strict=False):
        if old_contact.phone != new_contact.phone:
            yield "phone changed"
        if old_contact.email != new_contact.email:
            yield "email changed"
    yield from ["appointed"] * (len(after.appointments) - len(before.appointments))
    for old_one, new_one in zip(before.appointments, after.appointments, strict=False):
        if old_one.appointed and not new_one.appointed:
            yield "appointment ended"
    yield from ["action"] * (len(after.actions) - len(before.actions))


def test_a_year_brings_everything_about_as_often_as_the_rate_says() -> None:
    people = sample_npns(450, start=5_000)
    months = [FIRST + timedelta(days=30 * month) for month in range(13)]
    happened: Counter[str] = Counter()
    for npn in people:
        stages = [known(npn, day) for day in months]
        for before, after in pairwise(stages):
            happened.update(changes(before, after))
    assert set(happened) == {
        "license: Failure to renew",
        "license: Revoked",
        "license: Surrendered",
        "license reinstated",
        "line added",
        "line lost",
        "new license",
        "moved",
        "phone changed",
        "email changed",
        "appointed",
        "appointment ended",
        "action",
    }
    chances = sum(happened.values()) - happened["license: Failure to renew"] - happened["license reinstated"]
    assert 1.5 < chances / len(people) < 3.5


def unrenewed(npns: list[str], today: date) -> Iterator[tuple[Producer, License]]:
    for npn in npns:
        made = known(npn, today)
        for held in made.licenses:
            if not held.active and held.expires and held.expires > FIRST and held.updated > held.expires:
                yield made, held


def test_a_license_that_is_not_renewed_is_inactive_from_the_day_after() -> None:
    found = list(unrenewed(sample_npns(400, start=9_000), date(2026, 12, 31)))
    assert found
    for made, held in found:
        assert held.expires is not None
        last, after = (known(made.npn, held.expires + timedelta(days=days)) for days in (0, 1))
        place = made.licenses.index(held)
        if not last.licenses[place].active:
            # One whose expiry lies after the history, though it ended within it.
            continue
        assert last.licenses[place].expires == held.expires
        ended = after.licenses[place]
        assert (ended.active, ended.expires) == (False, held.expires)
        assert ended.updated == held.expires + timedelta(days=1)
        for old, new in zip(last.licenses[place].lines, ended.lines, strict=True):
            if old.active:
                assert (new.active, new.status_reason, new.status_date) == (
                    False,
                    "Failure to renew",
                    ended.updated,
                )
        others = any(one.active and one.state == held.state for one in after.licenses)
        if held.state in ENDED_WITH_THE_LICENSE and not others:
            assert not any(one.appointed for one in after.appointments if one.state == held.state)


def test_another_process_lives_the_same_lives() -> None:
    npns, today = ["1000001", "1234567", "8000042", "1000099"], date(2027, 5, 5)
    program = (
        "import datetime, sys\n"
        "from muster_sandbox.life import lived\n"
        "from muster_sandbox.population import producer\n"
        "from muster_sandbox.report import pdb_report\n"
        f"today = {today!r}\n"
        f"for npn in {npns!r}:\n"
        "    made = lived(producer(npn, seed=7, today=today), seed=7, today=today, rate=12)\n"
        "    sys.stdout.write(pdb_report(made))\n"
    )
    other = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": str(SOURCES), "PYTHONHASHSEED": "12345", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=True,
        encoding="utf-8",
    )
    assert other.stdout == "".join(report.pdb_report(known(npn, today, seed=7, rate=12)) for npn in npns)


def entity(client: httpx.Client, npn: str) -> str:
    return client.get("/pdb-xml-reports/entityinfo_xml.cgi", params={"id_entity": npn}).text


def test_time_passes_when_told_and_never_goes_back(lively: SandboxProcess) -> None:
    npn = "1000001"
    start = date(2026, 3, 2)
    assert lively.control("today") == {"today": str(start), "days_ahead": 0}
    with lively.client() as client:
        for step, day in [
            ({"days": 3}, date(2026, 3, 5)),
            ({"today": "2026-09-01"}, date(2026, 9, 1)),
            ({"days": 0}, date(2026, 9, 1)),
        ]:
            shown = lively.control("today", step)
            assert shown == {"today": str(day), "days_ahead": (day - start).days} == lively.control("today")
            assert entity(client, npn) == report.pdb_report(known(npn, day, rate=12))
        refused = client.post("/_control/today", json={"today": "2026-08-31"})
        assert (refused.status_code, refused.json()) == (
            400,
            {"error": "time never goes back: it is 2026-09-01 already"},
        )
        assert lively.control("today")["today"] == "2026-09-01"


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        ({"today": "tomorrow"}, "today must be a day, YYYY-MM-DD; it is 'tomorrow'"),
        ({"today": 3}, 'send {"today": "YYYY-MM-DD"} or {"days": N}'),
        ({"days": -1}, "number of days that is not negative"),
        ({"days": True}, "number of days that is not negative"),
        ({"days": 1, "today": "2027-01-01"}, 'send {"today": "YYYY-MM-DD"} or {"days": N}'),
        ({}, 'send {"today": "YYYY-MM-DD"} or {"days": N}'),
        ({"hours": 1}, "'hours' cannot be set"),
        ({"today": "3000-01-01"}, "time passes by 3,660 days at most at once"),
        ({"days": 4_000}, "time passes by 3,660 days at most at once"),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(
    lively: SandboxProcess, given_: dict[str, object], words: str
) -> None:
    with lively.client() as client:
        answer = client.post("/_control/today", json=given_)
    assert answer.status_code == 400
    assert words in answer.json()["error"]
    assert lively.control("today")["days_ahead"] == 0


def test_time_stays_where_it_is_across_restarts_until_the_reset(tmp_path: Path) -> None:
    with sandbox_process(home=tmp_path, today="2026-03-02") as sandbox:
        sandbox.control("today", {"days": 10})
        sandbox.stop()
    with sandbox_process(home=tmp_path, today="2026-03-02") as sandbox:
        assert sandbox.control("today") == {"today": "2026-03-12", "days_ahead": 10}
        sandbox.control("reset", {})
        assert sandbox.control("today") == {"today": "2026-03-02", "days_ahead": 0}
