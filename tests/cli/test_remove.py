"""`muster remove`: the removal of the page from a terminal, for an Agency Admin alone."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.cli.commands.remove import command
from muster.config.errors import CannotDoIt
from muster.producers.models import Leaving
from tests.make import make_appointment, make_company, make_member, make_producer
from tests.offboarding.removals import fresh, remove, remove_when_ended

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Membership:
    made = make_member(email="ines@harbor.example")
    make_company(made.organization)
    return made


def muster_remove(*words: str) -> Result:
    return CliRunner().invoke(command, list(words), standalone_mode=False)


def test_producers_are_removed_by_their_npns(member: Membership) -> None:
    one, two, stays = (make_producer(member.organization) for _ in range(3))
    result = muster_remove(one.npn, f"00{two.npn}")
    assert (result.return_value, result.stdout) == (0, "2 producers removed, 0 waiting, 0 not.\n")
    assert [fresh(producer).removed_at is None for producer in (one, two, stays)] == [False, False, True]
    assert Event.objects.get(kind="producer:remove").by == member.user


def test_who_has_appointments_waits_where_that_is_asked_for(member: Membership) -> None:
    waits, goes = make_producer(member.organization), make_producer(member.organization)
    make_appointment(waits)
    result = muster_remove(waits.npn, goes.npn, "--when-terminated")
    assert (result.return_value, result.stdout) == (0, "1 producer removed, 1 waiting, 0 not.\n")
    assert Leaving.objects.get().producer == waits


def test_with_check_nothing_is_done_and_what_is_open_is_told(member: Membership) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer)
    result = muster_remove(producer.npn, "--check")
    assert result.stdout == "1 producer would be removed.\nStill open: 1 appointment in force.\n"
    assert fresh(producer).removed_at is None


def test_json_is_one_object(member: Membership) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer)
    told = json.loads(muster_remove(producer.npn, "--json").stdout)
    assert told.pop("operation")
    assert told == {
        "removed": 1,
        "waiting": 0,
        "refused": 0,
        "open": {"ours": 1, "others": 0, "ending": 0, "unsent": 0, "sent": 0, "waited_for": 1},
    }


def test_who_cannot_be_removed_is_told_with_why_and_exit_code_1(member: Membership) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer)
    remove_when_ended(member, producer)
    result = muster_remove(producer.npn, "--when-terminated")
    assert result.return_value == 1
    assert "0 producers removed, 0 waiting, 1 not." in result.stdout
    assert "as soon as the terminations are accepted" in result.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("999",), "Nobody here has the NPN 999. Nobody was removed: mend the list first."),
        (("12a",), "“12a” is no NPN: an NPN is a number of up to 10 digits, such as 17654321."),
    ],
)
def test_an_npn_of_nobody_refuses_the_whole(member: Membership, words: tuple[str, ...], said: str) -> None:
    producer = make_producer(member.organization)
    result = muster_remove(producer.npn, *words)
    assert isinstance(result.exception, CannotDoIt)
    assert str(result.exception) == said
    assert fresh(producer).removed_at is None


def test_who_was_removed_already_is_nobody_here(member: Membership) -> None:
    producer = make_producer(member.organization)
    remove(member, producer)
    assert isinstance(muster_remove(producer.npn).exception, CannotDoIt)


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.SUBMITTER, Role.VIEWER])
def test_who_is_no_agency_admin_is_refused_on_record(member: Membership, role: Role) -> None:
    producer = make_producer(member.organization)
    colleague = make_member(member.organization, role, email="lin@harbor.example")
    result = muster_remove(producer.npn, "--as", "lin@harbor.example")
    assert isinstance(result.exception, CannotDoIt)
    assert str(result.exception) == "lin@harbor.example may not remove producers: only an Agency Admin may."
    assert fresh(producer).removed_at is None
    event = Event.objects.get(kind="action:refuse")
    assert (event.by, event.data) == (colleague.user, {"kind": "remove-producers"})
