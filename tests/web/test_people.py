"""Adding people, changing what they may do, letting them go: on the pages, and by the mailed link."""

from __future__ import annotations

import re
import threading
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership, User
from muster.access.operations import CannotChange, add_person, change_person, deactivate_person
from muster.access.permissions import Permission, Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.console.activity.sentences import tell
from muster.notices.models import Email
from muster.vault import unseal
from tests.make import PASSWORD, make_member, make_organization

pytestmark = pytest.mark.django_db

NEW_PASSWORD = "another-fine-staple"
NEW = {"email": "lin@harbor.example", "name": "Lin Park", "role": "specialist"}
LAST_ADMIN = "This is the last Agency Admin here; make somebody else Agency Admin first."


@pytest.fixture
def admin(client: Client) -> Membership:
    cache.clear()
    admin = make_member(make_organization(name="Harbor & Sons"), name="Ada Alder")
    client.force_login(admin.user)
    return admin


def add(client: Client, **over: Any) -> Any:
    return client.post(reverse("person-new"), {**NEW, **over}, follow=True)


def added(email: str = NEW["email"], **of: Any) -> Membership:
    return Membership.objects.get(user__email=email, **of)


def mail() -> tuple[Email, str]:
    newest = Email.objects.latest("id")
    return newest, unseal(newest.text)


def link(text: str) -> str:
    found = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", text)
    assert found
    return found[1]


def told(kind: EventKind) -> list[str]:
    return [tell(event).text(event.data) for event in Event.objects.filter(kind=kind).order_by("id")]


# --- adding ----------------------------------------------------------------------------------------


def test_a_person_is_added_and_comes_in_through_the_mailed_link(client: Client, admin: Membership) -> None:
    page = add(client, can_see_ssn="on").content.decode()
    assert "lin@harbor.example is added" in page
    person = added()
    assert (person.organization_id, person.role) == (admin.organization_id, "specialist")
    assert person.may(Permission.SEE_SSN)
    assert not person.user.has_usable_password()

    email, text = mail()
    assert (email.to, email.organization_id) == ("lin@harbor.example", admin.organization_id)
    assert email.subject == "You can now work in Harbor & Sons with Muster"
    assert "as Licensing Specialist" in text
    theirs = Client()
    form = theirs.get(link(text), follow=True)
    theirs.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    came = Client().post("/accounts/login/", {"login": person.user.email, "password": NEW_PASSWORD})
    assert came["Location"] == reverse("home")


def test_who_let_the_link_grow_old_asks_for_a_new_one(client: Client, admin: Membership) -> None:
    add(client)
    Client().post("/accounts/password/reset/", {"email": "lin@harbor.example"})
    assert mail()[0].kind == "password-reset-key"
    assert link(mail()[1])


def test_the_text_of_an_invitation_is_shown_to_nobody(client: Client, admin: Membership) -> None:
    add(client)
    page = client.get(reverse("mail-detail", args=[mail()[0].pk])).content.decode()
    assert "You can now work in" in page
    assert link(mail()[1]) not in page


def test_somebody_of_another_organization_is_added_with_the_password_they_have(
    client: Client, admin: Membership
) -> None:
    elsewhere = make_member(role=Role.VIEWER, email="Lin@harbor.example", name="Lin Elsewhere")
    add(client)
    person = added("Lin@harbor.example", organization=admin.organization)
    assert (person.user, User.objects.filter(email__iexact=NEW["email"]).count()) == (elsewhere.user, 1)
    email, text = mail()
    assert email.organization_id == admin.organization_id
    assert "Log in with the password you have" in text
    assert elsewhere.user.check_password(PASSWORD)
    elsewhere.refresh_from_db()
    assert elsewhere.role == Role.VIEWER


def test_the_pages_look_the_same_whether_a_person_works_elsewhere_or_not(
    client: Client, admin: Membership
) -> None:
    elsewhere = make_member(role=Role.VIEWER, email="lin@harbor.example", name="Lin Elsewhere")
    Client().force_login(elsewhere.user)
    seen = []
    for email in ("lin@harbor.example", "new@harbor.example"):
        answer = add(client, email=email)
        person = added(email, organization=admin.organization)
        of_person = client.get(reverse("person", args=[person.pk]))
        mailed = client.get(reverse("mail-detail", args=[mail()[0].pk]))
        rows = re.findall(r"<tr.*?</tr>", answer.content.decode(), re.DOTALL)
        row = next(row for row in rows if email in row)
        pages = [row, of_person.content.decode().partition("<main")[2], mailed.content.decode()]
        words = " ".join(re.sub(r"<[^>]+>", " ", page) for page in pages)
        seen.append(re.sub(r"[0-9a-f]{32}|\d+", "0", words.replace(email, "somebody")).split())
        assert "Lin Elsewhere" not in words
    assert seen[0] == seen[1]


@pytest.mark.parametrize("active", [True, False])
def test_who_is_here_already_is_not_added_again(client: Client, admin: Membership, active: bool) -> None:
    person = make_member(admin.organization, Role.VIEWER, email="Lin@harbor.example")
    Membership.objects.filter(pk=person.pk).update(is_active=active)
    page = add(client).content.decode()
    assert "is among the people here already" in page
    assert ("change their role" in page, "reactivate them" in page) == (active, not active)
    person.refresh_from_db()
    assert (person.role, person.is_active) == (Role.VIEWER, active)
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"email": "lin"}, "Enter a valid email address."),
        ({"email": ""}, "This field is required."),
        ({"role": "producer"}, "Select a valid choice."),
        ({"role": "viewer", "can_see_ssn": "on"}, "A Viewer never sees SSNs"),
        ({"name": "x" * 151}, "at most 150 characters"),
    ],
)
def test_what_cannot_be_added_is_told_and_leaves_nothing_behind(
    client: Client, admin: Membership, over: dict[str, str], said: str
) -> None:
    assert said in add(client, **over).content.decode()
    assert (User.objects.count(), Email.objects.count()) == (1, 0)


def test_a_producer_is_none_of_the_people_until_added(client: Client, admin: Membership) -> None:
    producer = make_member(admin.organization, Role.PRODUCER, email=NEW["email"])
    assert NEW["email"] not in client.get("/people/").content.decode()
    assert client.get(f"/people/{producer.pk}/").status_code == 404
    add(client, role="viewer")
    producer.refresh_from_db()
    assert producer.role == "viewer"
    assert NEW["email"] in client.get("/people/").content.decode()


def test_an_invitation_is_sent_again_with_a_link_that_works(client: Client, admin: Membership) -> None:
    add(client)
    client.post(reverse("person-invite", args=[added().pk]))
    assert Email.objects.filter(to="lin@harbor.example", kind="invitation").count() == 2
    assert "Set the password" in Client().get(link(mail()[1]), follow=True).content.decode()
    assert told(EventKind.PERSON_INVITED) == ["invited lin@harbor.example again"]


@pytest.mark.parametrize(
    ("host", "said"), [("mail.example", "A mail tells them"), ("", "no mail server is set up")]
)
def test_no_mail_is_promised_without_a_mail_server(
    client: Client, admin: Membership, settings: Any, host: str, said: str
) -> None:
    settings.EMAIL_HOST = host
    assert said in add(client).content.decode()
    again = client.post(reverse("person-invite", args=[added().pk]), follow=True)
    assert said in again.content.decode()


# --- changing --------------------------------------------------------------------------------------


def test_role_and_ssn_right_are_changed_and_recorded(client: Client, admin: Membership) -> None:
    person = make_member(admin.organization, Role.VIEWER, email="lin@harbor.example")
    page = reverse("person", args=[person.pk])
    client.post(page, {"role": "specialist", "can_see_ssn": "on"})
    client.post(page, {"role": "specialist", "can_see_ssn": "on"})
    client.post(page, {"role": "specialist"})
    person.refresh_from_db()
    assert (person.role, person.can_see_ssn) == ("specialist", False)
    assert told(EventKind.PERSON_CHANGED) == [
        "changed the role of lin@harbor.example from Viewer to Licensing Specialist"
        " and let lin@harbor.example see SSNs",
        "no longer lets lin@harbor.example see SSNs",
    ]
    (event, _) = Event.objects.filter(kind=EventKind.PERSON_CHANGED).order_by("id")
    assert (event.by_id, event.organization_id) == (admin.user_id, admin.organization_id)
    assert page in client.get(reverse("activity")).content.decode()


def test_a_viewer_is_not_given_the_ssn_right(client: Client, admin: Membership) -> None:
    person = make_member(admin.organization, Role.SPECIALIST, can_see_ssn=True)
    answer = client.post(reverse("person", args=[person.pk]), {"role": "viewer", "can_see_ssn": "on"})
    assert "A Viewer never sees SSNs" in answer.content.decode()
    person.refresh_from_db()
    assert person.role == Role.SPECIALIST


def test_a_deactivated_person_is_out_at_the_next_click_and_back_when_reactivated(
    client: Client, admin: Membership
) -> None:
    person, theirs = make_member(admin.organization, Role.VIEWER, email="lin@harbor.example"), Client()
    theirs.force_login(person.user)
    statuses = []
    for name in ("person-reactivate", "person-deactivate", "person-reactivate"):
        client.post(reverse(name, args=[person.pk]))
        statuses.append(theirs.get(reverse("home")).status_code)
    assert statuses == [200, 403, 200]
    assert told(EventKind.PERSON_DEACTIVATED) == ["deactivated lin@harbor.example"]
    assert told(EventKind.PERSON_REACTIVATED) == ["reactivated lin@harbor.example as Viewer"]


def test_a_deactivated_person_is_not_invited(client: Client, admin: Membership) -> None:
    person = make_member(admin.organization, Role.VIEWER)
    client.post(reverse("person-deactivate", args=[person.pk]))
    answer = client.post(reverse("person-invite", args=[person.pk]), follow=True)
    assert "is no longer here; reactivate them first." in answer.content.decode()
    assert not Email.objects.exists()


# --- the last Agency Admin -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [("person", {"role": "viewer"}), ("person-deactivate", {})],
    ids=["demote", "deactivate"],
)
def test_the_last_agency_admin_stays(
    client: Client, admin: Membership, name: str, data: dict[str, str]
) -> None:
    left = make_member(admin.organization, Role.ADMIN)
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    make_member(role=Role.ADMIN)
    answer = client.post(reverse(name, args=[admin.pk]), data, follow=True)
    assert LAST_ADMIN in answer.content.decode()
    admin.refresh_from_db()
    assert (admin.role, admin.is_active) == (Role.ADMIN, True)
    assert told(EventKind.PERSON_CHANGED) == told(EventKind.PERSON_DEACTIVATED) == []


def test_one_of_two_agency_admins_may_step_down(client: Client, admin: Membership) -> None:
    make_member(admin.organization, Role.ADMIN)
    answer = client.post(reverse("person", args=[admin.pk]), {"role": "viewer"}, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("home")
    assert answer.status_code == 200


@pytest.mark.django_db(transaction=True)
def test_two_agency_admins_who_demote_each_other_at_once_leave_one() -> None:
    one = make_member(role=Role.ADMIN)
    other = make_member(one.organization, Role.ADMIN)
    start, refused = threading.Barrier(2), []

    def demote(by: Membership, person: Membership) -> None:
        start.wait()
        try:
            change_person(by=by, person=person, role=Role.VIEWER, can_see_ssn=False)
        except (CannotChange, PermissionDenied) as problem:
            refused.append(problem)
        finally:
            connection.close()

    threads = [threading.Thread(target=demote, args=pair) for pair in ((one, other), (other, one))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1
    assert Membership.objects.filter(role=Role.ADMIN.value, is_active=True).count() == 1


# --- the operations by themselves ------------------------------------------------------------------


def test_operations_refuse_who_may_not_and_who_lost_the_right_meanwhile() -> None:
    specialist = make_member(role=Role.SPECIALIST)
    admin, stale = make_member(specialist.organization), make_member(specialist.organization)
    Membership.objects.filter(pk=stale.pk).update(role=Role.VIEWER.value)
    for by in (specialist, stale):
        with pytest.raises(PermissionDenied):
            add_person(by=by, email="new@harbor.example", name="", role=Role.VIEWER, can_see_ssn=False)
        with pytest.raises(PermissionDenied):
            deactivate_person(by=by, person=admin)


def test_operations_never_touch_a_person_of_another_organization() -> None:
    admin, stranger = make_member(), make_member(role=Role.VIEWER)
    with pytest.raises(PermissionDenied):
        change_person(by=admin, person=stranger, role=Role.ADMIN, can_see_ssn=False)
    with pytest.raises(PermissionDenied):
        deactivate_person(by=admin, person=stranger)
    stranger.refresh_from_db()
    assert (stranger.role, stranger.is_active) == (Role.VIEWER, True)


@pytest.mark.parametrize(
    ("email", "name", "said"),
    [
        ("lin", "", "is not an email address"),
        ("", "", "is not an email address"),
        ("lin@harbor.example", "x" * 151, "The name"),
    ],
)
def test_what_is_no_email_or_name_is_refused_by_the_operation(email: str, name: str, said: str) -> None:
    with pytest.raises(CannotChange, match=said):
        add_person(by=make_member(), email=email, name=name, role=Role.VIEWER, can_see_ssn=False)


@pytest.mark.parametrize("page", ["account_reset_password", "account_reset_password_done"])
def test_no_link_is_promised_where_no_mail_can_bring_it(page: str, client: Client, settings: Any) -> None:
    settings.EMAIL_HOST = ""
    said = client.get(reverse(page)).content.decode()
    assert "This installation has no mail server" in said
    assert "muster password" in said
    assert "Send the link" not in said
    settings.EMAIL_HOST = "mail.example"
    said = client.get(reverse(page)).content.decode()
    assert "no mail server" not in said
    assert ("Send the link" in said) != ("Look into your mail" in said)
