"""A new password from the terminal, where no mail can bring a link."""

from __future__ import annotations

import re

import pytest
from click.testing import CliRunner
from django.test import Client

from muster.access.models import Membership, User
from muster.audit.models import Event
from muster.cli.commands.password import command, set_password
from muster.config.errors import CannotDoIt
from muster.console.activity.sentences import tell
from tests.make import make_member, make_organization

pytestmark = pytest.mark.django_db


def test_the_new_password_is_printed_once_and_lets_its_owner_in(client: Client) -> None:
    make_member(email="lin@harbor.example")
    done = CliRunner().invoke(command, ["LIN@harbor.example"])
    assert done.exit_code == 0
    [password] = re.findall(r"^New password of lin@harbor\.example: (\S{16})$", done.stdout, re.MULTILINE)
    answer = client.post("/accounts/login/", {"login": "lin@harbor.example", "password": password})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert password not in str(list(Event.objects.values_list("data", flat=True)))


def test_whoever_was_logged_in_with_the_old_password_is_not_any_more(client: Client) -> None:
    member = make_member(email="lin@harbor.example")
    client.force_login(member.user)
    assert client.get("/").status_code == 200
    set_password("lin@harbor.example", "a-brand-new-one")
    assert client.get("/").status_code == 302


def test_it_is_on_record_wherever_the_person_works() -> None:
    member = make_member(email="lin@harbor.example")
    other = Membership.objects.create(organization=make_organization(), user=member.user, role=member.role)
    set_password("lin@harbor.example", "a-brand-new-one")
    events = list(Event.objects.order_by("id"))
    assert [event.organization_id for event in events] == [member.organization_id, other.organization_id]
    assert {(event.by_id, event.kind) for event in events} == {(None, "user:give-password")}
    assert tell(events[0]).text(events[0].data) == "gave lin@harbor.example a new password at the terminal"


def test_nobody_gets_a_password_who_could_not_log_in_with_it() -> None:
    User.objects.filter(pk=make_member(email="off@harbor.example").user_id).update(is_active=False)
    before = list(User.objects.values_list("email", "password"))
    for email, words in [
        ("off@harbor.example", "switched off"),
        ("nobody@harbor.example", "Nobody here logs in as nobody@harbor.example"),
    ]:
        with pytest.raises(CannotDoIt, match=words):
            set_password(email, "a-brand-new-one")
    assert list(User.objects.values_list("email", "password")) == before
    assert not Event.objects.exists()
