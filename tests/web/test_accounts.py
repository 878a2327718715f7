"""Logging in and out, passwords, the second factor: through the real pages and the real cache table."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.audit.operations import EventKind
from muster.notices.models import Email
from muster.vault import unseal
from tests.make import PASSWORD, make_member, make_organization

pytestmark = pytest.mark.django_db

LOGIN = "/accounts/login/"
NEW_PASSWORD = "another-fine-staple"


@pytest.fixture(autouse=True)
def _fresh_limits() -> None:
    cache.clear()


@pytest.fixture
def member() -> Membership:
    return make_member(role=Role.SPECIALIST, email="lin@harbor.example", name="Lin Park")


def log_in(client: Client, email: str, password: str = PASSWORD, **extra: Any) -> Any:
    return client.post(LOGIN, {"login": email, "password": password}, **extra)


def events(kind: EventKind) -> list[Event]:
    return list(Event.objects.filter(kind=kind).order_by("id"))


# --- log in and out --------------------------------------------------------------------------------


def test_logging_in_leads_home(client: Client, member: Membership) -> None:
    response = log_in(client, member.user.email)
    assert response.status_code == 302
    assert response["Location"] == reverse("home")
    assert client.get(reverse("home")).status_code == 200


@pytest.mark.parametrize("spelling", ["LIN@harbor.example", " lin@harbor.example ", "Lin@Harbor.Example"])
def test_the_case_of_an_email_address_does_not_matter(
    client: Client, member: Membership, spelling: str
) -> None:
    assert log_in(client, spelling).status_code == 302


def test_a_page_behind_the_log_in_is_reached_after_it(client: Client, member: Membership) -> None:
    asked = client.get("/account/")
    assert asked["Location"] == "/accounts/login/?next=/account/"
    answer = client.post(LOGIN, {"login": member.user.email, "password": PASSWORD, "next": "/account/"})
    assert answer["Location"] == "/account/"


def test_the_log_in_sends_nobody_to_another_site(client: Client, member: Membership) -> None:
    answer = client.post(
        LOGIN, {"login": member.user.email, "password": PASSWORD, "next": "https://evil.example/"}
    )
    assert answer["Location"] == reverse("home")


def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(
    client: Client, member: Membership
) -> None:
    wrong = log_in(client, member.user.email, "wrong-password-1")
    unknown = log_in(client, "nobody@harbor.example", "wrong-password-1")
    assert wrong.context["form"].non_field_errors() == unknown.context["form"].non_field_errors()
    assert wrong.status_code == unknown.status_code == 200


def test_somebody_who_was_switched_off_does_not_come_in(client: Client) -> None:
    member = make_member(is_active=False)
    log_in(client, member.user.email)
    assert client.get(reverse("home")).status_code == 302


def test_logging_out_ends_the_session(client: Client, member: Membership) -> None:
    log_in(client, member.user.email)
    client.post("/accounts/logout/")
    assert client.get(reverse("home")).status_code == 302


def test_asking_for_the_log_out_page_alone_logs_nobody_out(client: Client, member: Membership) -> None:
    log_in(client, member.user.email)
    client.get("/accounts/logout/")
    assert client.get(reverse("home")).status_code == 200


# --- limits ----------------------------------------------------------------------------------------


def test_after_five_wrong_passwords_the_right_one_does_not_open_the_account(
    client: Client, member: Membership
) -> None:
    for turn in range(5):
        assert "Too many" not in log_in(client, member.user.email, f"wrong-{turn}").content.decode()
    answer = log_in(client, member.user.email)
    assert answer.status_code == 200
    assert "Too many failed login attempts" in answer.content.decode()


def test_the_limit_is_of_an_account_wherever_its_guesses_come_from(member: Membership) -> None:
    for turn in range(5):
        log_in(Client(), member.user.email, f"wrong-{turn}", REMOTE_ADDR=f"10.1.0.{turn}")
    assert log_in(Client(), member.user.email, REMOTE_ADDR="10.1.0.99").status_code == 200


def test_the_limit_of_one_account_does_not_lock_another(client: Client, member: Membership) -> None:
    for turn in range(5):
        log_in(client, member.user.email, f"wrong-{turn}")
    assert log_in(Client(), make_member().user.email).status_code == 302


def test_logging_in_well_many_times_uses_nothing_up(member: Membership) -> None:
    assert [log_in(Client(), member.user.email).status_code for _ in range(8)] == [302] * 8


def test_asking_for_too_many_reset_mails_is_answered_with_a_page(client: Client, member: Membership) -> None:
    answers = [client.post("/accounts/password/reset/", {"email": member.user.email}) for _ in range(6)]
    assert [answer.status_code for answer in answers[:5]] == [302] * 5
    assert answers[5].status_code == 429
    assert "Too many attempts" in answers[5].content.decode()


# --- the event log ---------------------------------------------------------------------------------


def test_log_ins_and_log_outs_are_recorded_with_person_and_organization(
    client: Client, member: Membership
) -> None:
    log_in(client, member.user.email)
    client.post("/accounts/logout/")
    for kind in (EventKind.USER_LOGGED_IN, EventKind.USER_LOGGED_OUT):
        (event,) = events(kind)
        assert (event.organization_id, event.by_id) == (member.organization_id, member.user_id)
        assert event.data["address"] == "127.0.0.1"


def test_a_failed_log_in_is_recorded_for_the_organization_and_as_nobodys_deed(
    client: Client, member: Membership
) -> None:
    log_in(client, member.user.email.upper(), "wrong-password-1")
    (event,) = events(EventKind.USER_LOGIN_FAILED)
    assert (event.organization_id, event.by_id) == (member.organization_id, None)
    assert event.subject == f"user:{member.user_id}"


def test_a_failed_log_in_of_somebody_unknown_is_recorded_without_organization(client: Client) -> None:
    log_in(client, "nobody@harbor.example", "wrong-password-1")
    (event,) = events(EventKind.USER_LOGIN_FAILED)
    assert (event.organization_id, event.data["email"]) == (None, "nobody@harbor.example")


def test_no_password_ever_stands_in_the_event_log(client: Client, member: Membership) -> None:
    log_in(client, member.user.email, "wrong-password-1")
    log_in(client, member.user.email)
    written = " ".join(str(event.data) + event.subject for event in Event.objects.all())
    assert "wrong-password-1" not in written
    assert PASSWORD not in written


# --- passwords -------------------------------------------------------------------------------------


def reset_link() -> str:
    """The path of the link in the newest mail."""
    found = re.search(
        r"https?://[^/]+(/accounts/password/reset/key/\S+)", unseal(Email.objects.latest("id").text)
    )
    assert found
    return found[1]


def test_a_forgotten_password_is_set_anew_through_the_mailed_link(client: Client, member: Membership) -> None:
    client.post("/accounts/password/reset/", {"email": member.user.email})
    form = client.get(reset_link(), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert log_in(Client(), member.user.email).status_code == 200
    assert log_in(Client(), member.user.email, NEW_PASSWORD).status_code == 302


def test_a_reset_link_works_once(client: Client, member: Membership) -> None:
    client.post("/accounts/password/reset/", {"email": member.user.email})
    link = reset_link()
    form = client.get(link, follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert "does not work any more" in Client().get(link, follow=True).content.decode()


def test_asking_for_an_unknown_address_sends_nothing_and_says_the_same(
    client: Client, member: Membership
) -> None:
    known = client.post("/accounts/password/reset/", {"email": member.user.email}, follow=True)
    mails = Email.objects.count()
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@harbor.example"}, follow=True)
    assert Email.objects.count() == mails == 1
    assert known.redirect_chain == unknown.redirect_chain


def test_changing_the_password_needs_the_old_one_and_tells_its_owner(
    client: Client, member: Membership
) -> None:
    log_in(client, member.user.email)
    page = "/accounts/password/change/"
    wrong = {"oldpassword": "wrong-password-1", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert client.post(page, wrong).status_code == 200
    client.post(page, {**wrong, "oldpassword": PASSWORD})
    assert log_in(Client(), member.user.email, NEW_PASSWORD).status_code == 302
    assert Email.objects.latest("id").subject == "Your password for Muster was changed"
    assert [event.by_id for event in events(EventKind.USER_PASSWORD_CHANGED)] == [member.user_id]


@pytest.mark.parametrize("weak", ["short", "1234567890", "password123", "lin@harbor.example"])
def test_a_weak_password_is_not_taken(client: Client, member: Membership, weak: str) -> None:
    log_in(client, member.user.email)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": weak, "password2": weak})
    assert log_in(Client(), member.user.email).status_code == 302


# --- the second factor -----------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def unhurried(settings: Any) -> None:
    """Take the code of half a minute ago, too: on a busy machine it runs out on its way."""
    settings.MFA_TOTP_TOLERANCE = 1


def code_of(secret: str) -> str:
    """What an authenticator app shows now (RFC 6238: six digits, thirty seconds)."""
    counter = int(time.time() // 30).to_bytes(8, "big")
    digest = hmac.new(base64.b32decode(secret), counter, hashlib.sha1).digest()
    start = digest[-1] & 0xF
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"


def set_up_app(member: Membership) -> tuple[str, list[str]]:
    """Switch the second factor on through its pages; returns the app's secret and the recovery codes."""
    client = Client()
    log_in(client, member.user.email)
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    client.post("/accounts/2fa/totp/activate/", {"code": code_of(secret)})
    codes = client.get("/accounts/2fa/recovery-codes/").context["unused_codes"]
    cache.clear()  # a code works once in its thirty seconds, and the tests have no time to wait
    return secret, codes


def test_a_stolen_session_does_not_change_the_second_factor(client: Client, member: Membership) -> None:
    client.force_login(member.user)
    client.post("/accounts/reauthenticate/", {"password": "wrong-password-1"})
    assert client.get("/accounts/2fa/totp/activate/")["Location"].startswith("/accounts/reauthenticate/")


def test_setting_up_the_app_gives_recovery_codes_and_tells_the_owner(
    member: Membership, django_capture_on_commit_callbacks: Any
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        _, codes = set_up_app(member)
    assert len(set(codes)) == 10
    assert [event.by_id for event in events(EventKind.USER_SECOND_FACTOR_ON)] == [member.user_id]
    assert Email.objects.latest("id").subject == "Two-factor authentication was switched on"


def test_a_wrong_code_does_not_set_up_the_app(client: Client, member: Membership) -> None:
    log_in(client, member.user.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    secret = client.get("/accounts/2fa/totp/activate/").context["form"].secret
    wrong = f"{(int(code_of(secret)) + 500_000) % 1_000_000:06}"
    client.post("/accounts/2fa/totp/activate/", {"code": wrong})
    assert "Set up the app" in client.get("/accounts/2fa/").content.decode()


def test_switching_the_app_off_is_recorded_and_told(
    member: Membership, django_capture_on_commit_callbacks: Any
) -> None:
    set_up_app(member)
    client = Client()
    client.force_login(member.user)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/2fa/totp/deactivate/")
    assert [event.by_id for event in events(EventKind.USER_SECOND_FACTOR_OFF)] == [member.user_id]
    assert Email.objects.latest("id").subject == "Two-factor authentication was switched off"


def test_with_the_second_factor_the_password_alone_opens_nothing(client: Client, member: Membership) -> None:
    secret, _ = set_up_app(member)
    log_ins = len(events(EventKind.USER_LOGGED_IN))
    assert log_in(client, member.user.email)["Location"] == reverse("mfa_authenticate")
    assert client.get(reverse("home")).status_code == 302
    assert len(events(EventKind.USER_LOGGED_IN)) == log_ins

    client.post(reverse("mfa_authenticate"), {"code": code_of(secret)})
    assert client.get(reverse("home")).status_code == 200
    assert len(events(EventKind.USER_LOGGED_IN)) == log_ins + 1


def test_a_recovery_code_opens_the_account_once(member: Membership) -> None:
    _, codes = set_up_app(member)
    for status in (200, 302):
        client = Client()
        log_in(client, member.user.email)
        client.post(reverse("mfa_authenticate"), {"code": codes[0]})
        assert client.get(reverse("home")).status_code == status


def test_the_people_page_tells_who_uses_the_second_factor(client: Client, member: Membership) -> None:
    set_up_app(member)
    admin = make_member(member.organization, Role.ADMIN)
    client.force_login(admin.user)
    people = client.get(reverse("people")).context["people"]
    assert {(person.user_id, person.has_mfa) for person, _ in people} == {
        (member.user_id, True),
        (admin.user_id, False),
    }


# --- organizations ---------------------------------------------------------------------------------


def test_switching_shows_the_other_organization_and_stays(client: Client, member: Membership) -> None:
    other = make_organization(name="Cedar & Oak")
    Membership.objects.create(organization=other, user=member.user, role=Role.VIEWER)
    client.force_login(member.user)
    answer = client.post(reverse("switch-organization"), {"organization": other.pk}, follow=True)
    assert answer.context["member"].organization == other
    assert client.get(reverse("home")).context["member"].organization == other


@pytest.mark.parametrize("sent", ["0", "", "x", "99999999999999999999"])
def test_switching_to_an_organization_that_is_not_yours_finds_nothing(
    client: Client, member: Membership, sent: str
) -> None:
    client.force_login(member.user)
    assert client.post(reverse("switch-organization"), {"organization": sent}).status_code == 404


def test_a_place_that_was_taken_away_is_left_at_the_next_click(client: Client, member: Membership) -> None:
    other = Membership.objects.create(organization=make_organization(), user=member.user, role=Role.ADMIN)
    client.force_login(member.user)
    client.post(reverse("switch-organization"), {"organization": other.organization_id})
    Membership.objects.filter(pk=other.pk).update(is_active=False)
    assert client.get(reverse("home")).context["member"] == member


def test_somebody_without_an_organization_is_told_what_to_do(client: Client, member: Membership) -> None:
    Membership.objects.filter(pk=member.pk).update(is_active=False)
    client.force_login(member.user)
    answer = client.get(reverse("home"))
    assert answer.status_code == 403
    assert "You do not belong to an organization" in answer.content.decode()
    assert client.get(reverse("account")).status_code == 200


def test_a_fragment_that_meets_the_end_of_the_session_sends_the_whole_page_to_the_log_in(
    client: Client,
) -> None:
    answer = client.get(
        reverse("home"), headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/account/"}
    )
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=/account/"
