"""Every endpoint x every kind of program, and what of one organization another gets to know: nothing.

One row an endpoint and method. `make` puts what it is about into an organization and gives its path and what
is sent. The statuses are those of a token that acts as a person of each role there, of an Agency Admin of
another organization, and of nobody. Not yours is 404, not allowed is 403, without a good token it is 401.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from muster.access.models import ApiToken, Membership
from muster.access.permissions import Role
from muster.access.tokens import NOTED_EVERY
from muster.carriers.models import FilingSettings
from muster.core.authority import Question
from muster.transactions.authority import ask_authority
from tests.api.programs import API, Program, body_of, make_secret, problem_of, request_of, see_through
from tests.make import make_company, make_company_state, make_member, make_producer, make_transaction
from tests.transactions.appointing import make_californian, make_carrier_desk

pytestmark = pytest.mark.django_db

Sent = tuple[str, Any]
Make = Callable[[Membership], Sent]


def an_operation(member: Membership) -> str:
    return str(
        see_through(
            Program(member).post("/appointment-requests", body_of(request_of(make_californian(member))))
        ).pk
    )


def a_number(member: Membership, **over: Any) -> str:
    return f"GT-{make_transaction(make_producer(member.organization), **over).number:08d}"


def an_answer(member: Membership) -> str:
    asked = Question("1001", "CA", "90101", "Life")
    return str(ask_authority(by=member, asked=asked, now=timezone.now()).pk)


def of_producer(member: Membership, **over: Any) -> dict[str, Any]:
    producer = make_producer(member.organization)
    make_transaction(producer, status="held")
    return {"npn": producer.npn, "state": "CA", "cocode": "90101", **over}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """What each kind of program gets from one endpoint."""

    name: str
    make: Make
    viewer: int
    specialist: int
    submitter: int
    admin: int
    outsider: int
    method: str = "get"
    producer: int = 403
    anonymous: int = 401

    def __str__(self) -> str:
        return f"{self.method} {self.name}"


def readers(name: str, make: Make, **over: Any) -> Row:
    """For everybody who works in the organization."""
    return Row(name=name, make=make, **{**dict.fromkeys(STAFF, 200), "outsider": 404, **over})


def preparers(name: str, make: Make, *, allowed: int, **over: Any) -> Row:
    """For those who prepare filings."""
    told = {"viewer": 403, "submitter": 403, "specialist": allowed, "admin": allowed, "outsider": 404}
    return Row(name=name, make=make, method="post", **{**told, **over})


def releasers(name: str, make: Make, *, allowed: int, **over: Any) -> Row:
    """For those who release filings."""
    told = {"viewer": 403, "specialist": 403, "submitter": allowed, "admin": allowed, "outsider": 404}
    return Row(name=name, make=make, method="post", **{**told, **over})


def admins(name: str, make: Make, *, allowed: int, **over: Any) -> Row:
    """For Agency Admins alone."""
    told = {"viewer": 403, "specialist": 403, "submitter": 403, "admin": allowed, "outsider": 404}
    return Row(name=name, make=make, method="post", **{**told, **over})


STAFF = ("viewer", "specialist", "submitter", "admin")
PROGRAMS = ("anonymous", "producer", *STAFF, "outsider")
ROLES = {
    "viewer": Role.VIEWER,
    "specialist": Role.SPECIALIST,
    "submitter": Role.SUBMITTER,
    "admin": Role.ADMIN,
    "producer": Role.PRODUCER,
}
ASKED = {"npn": "1001", "state": "CA", "cocode": "90101"}
WHY = {"reason": "asked for twice"}

ROWS = [
    preparers(
        "appointment-requests",
        lambda member: ("/appointment-requests", body_of(request_of(make_californian(member)))),
        allowed=202,
        # Their own request for a producer whom they do not have.
        outsider=202,
    ),
    admins(
        "removals",
        lambda member: ("/removals", {"npns": [make_producer(member.organization).npn]}),
        allowed=202,
        # Nobody of theirs has the NPN.
        outsider=422,
    ),
    readers("operation", lambda member: (f"/operations/{an_operation(member)}", None)),
    readers("operation-results", lambda member: (f"/operations/{an_operation(member)}/results", None)),
    readers("transactions", lambda member: ("/transactions", None), outsider=200),
    readers("transaction", lambda member: (f"/transactions/{a_number(member)}", None)),
    releasers(
        "transaction-submit", lambda member: (f"/transactions/{a_number(member)}/submit", None), allowed=202
    ),
    preparers(
        "transaction-cancel", lambda member: (f"/transactions/{a_number(member)}/cancel", WHY), allowed=202
    ),
    preparers(
        "transaction-close", lambda member: (f"/transactions/{a_number(member)}/close", WHY), allowed=202
    ),
    preparers(
        "transaction-reopen",
        lambda member: (f"/transactions/{a_number(member, status='canceled')}/reopen", None),
        allowed=202,
    ),
    preparers(
        "transaction-retry",
        lambda member: (f"/transactions/{a_number(member, status='rejected')}/retry", None),
        allowed=202,
    ),
    preparers(
        "first-business",
        lambda member: ("/first-business", of_producer(member, on=timezone.localdate().isoformat())),
        allowed=200,
    ),
    readers(
        "eligibility",
        lambda member: ("/eligibility", {**of_producer(member), "category": "life"}),
        outsider=200,
    ),
    readers(
        "authority", lambda member: ("/authority", {**of_producer(member), "line": "Life"}), outsider=200
    ),
    readers("authority-answer", lambda member: (f"/authority/{an_answer(member)}", None)),
]

OPEN = {"openapi-json", "api-root", "api-nothing", "api-nothing-at-its-root"}
"""Without a token: the description of the API, and what is not there for anybody."""


def _patterns(resolver: URLResolver) -> Iterator[URLPattern]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _patterns(entry)
        else:
            yield entry


def _names() -> set[str]:
    [api] = [entry for entry in get_resolver().url_patterns if str(entry.pattern) == "api/"]
    return {str(pattern.name) for pattern in _patterns(api)}


def call(program: Program, row: Row, sent: Sent) -> HttpResponse:
    path, told = sent
    return program.get(path, told) if row.method == "get" else program.post(path, told)


def test_every_endpoint_stands_in_the_table_and_none_besides() -> None:
    assert {row.name for row in ROWS} == _names() - OPEN


@pytest.mark.parametrize("who", PROGRAMS)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_program_gets_what_the_table_says(row: Row, who: str) -> None:
    member, _ = make_carrier_desk()
    sent = row.make(member)
    program = Program()
    if who in ROLES:
        program = Program(make_member(member.organization, ROLES[who]))
    elif who == "outsider":
        program = Program(make_member())
    answer = call(program, row, sent)
    assert answer.status_code == getattr(row, who), answer.content
    if answer.status_code >= 400:
        problem_of(answer)


def test_lists_of_another_organization_are_empty() -> None:
    member, _ = make_carrier_desk()
    a_number(member)
    body = Program(make_member()).get("/transactions").json()
    assert (body["transactions"], body["total"], body["next"]) == ([], 0, None)


def test_questions_about_producers_of_another_organization_find_nobody() -> None:
    member, _ = make_carrier_desk()
    producer = make_californian(member)
    other = make_member()
    make_company_state(make_company(other.organization), "CA")
    asked = {**ASKED, "npn": producer.npn}
    program = Program(other)
    assert program.get("/authority", {**asked, "line": "Life"}).json()["reason"] == "producer_not_found"
    eligibility = program.get("/eligibility", {**asked, "category": "life"}).json()
    assert (eligibility["lines"], eligibility["findings"][0]["code"]) == ([], "APP-E001")


# --- tokens ----------------------------------------------------------------------------------------


def test_a_token_that_is_revoked_expired_or_of_somebody_who_left_is_not_known() -> None:
    now = timezone.now()
    member = make_member()
    refused = [
        make_secret(member, revoked_at=now),
        make_secret(member, expires_at=now - timedelta(seconds=1)),
        make_secret(make_member(member.organization, is_active=False)),
        "mst_guess",
        "mst_" + "x" * 5_000,
        "mst_\xff\xfe",
        "Robin",
    ]
    left = make_member(member.organization)
    refused.append(make_secret(left))
    Membership.objects.filter(pk=left.pk).update(is_active=False)
    for secret in refused:
        answer = Program(secret=secret).get("/transactions")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer"), secret
        assert "API tokens" in problem_of(answer)["message"]


def test_a_token_is_good_until_it_expires() -> None:
    soon = timezone.now() + timedelta(days=1)
    assert Program(secret=make_secret(make_member(), expires_at=soon)).get("/transactions").status_code == 200


def test_a_token_may_do_what_its_member_may_do_now() -> None:
    member = make_member(role=Role.ADMIN)
    program = Program(member)
    number = a_number(member)
    Membership.objects.filter(pk=member.pk).update(role=Role.VIEWER.value)
    assert program.post(f"/transactions/{number}/submit").status_code == 403


@pytest.mark.parametrize("two_person", [False, True])
def test_who_makes_a_token_that_acts_as_another_is_not_two_persons(two_person: bool) -> None:
    member = make_member(role=Role.ADMIN)
    FilingSettings.objects.create(organization=member.organization, two_person_release=two_person)
    number = a_number(member)
    for maker, is_refused in ((make_member(member.organization).user, two_person), (member.user, False)):
        program = Program(secret=make_secret(member, made_by=maker))
        answer = program.post(f"/transactions/{number}/submit")
        assert answer.status_code == (403 if is_refused else 202)
        if is_refused:
            assert problem_of(answer)["code"] == "token_of_another"
        assert program.get("/transactions").status_code == 200


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Basic dXNlcjpwYXNz", "mst_x", "bearer  "])
def test_without_a_token_it_is_said_how_to_send_one(header: str) -> None:
    answer = Client().get(f"{API}/transactions", headers={"Authorization": header})
    assert answer.status_code == 401
    assert "Authorization: Bearer mst_" in problem_of(answer)["message"]


def test_the_session_of_a_person_counts_for_nothing() -> None:
    client = Client()
    client.force_login(make_member().user)
    assert client.get(f"{API}/transactions").status_code == 401


def test_that_a_token_was_used_is_noted_at_most_once_a_minute() -> None:
    member = make_member()
    program = Program(member)
    token = ApiToken.objects.get()
    assert token.used_at is None
    program.get("/transactions")
    token.refresh_from_db()
    first = token.used_at
    assert first is not None
    program.get("/transactions")
    token.refresh_from_db()
    assert token.used_at == first
    ApiToken.objects.update(used_at=first - NOTED_EVERY)
    program.get("/transactions")
    token.refresh_from_db()
    assert token.used_at >= first


def test_only_a_digest_of_a_token_is_kept() -> None:
    secret = make_secret(make_member())
    token = ApiToken.objects.get()
    assert secret not in str(vars(token))
    assert len(token.digest) == 64


def test_an_operation_of_another_kind_of_key_is_not_met(db: None) -> None:
    member, _ = make_carrier_desk()
    program = Program(member)
    number = a_number(member)
    key = str(uuid4())
    one = program.post(f"/transactions/{number}/cancel", WHY, key=key)
    other = program.post(f"/transactions/{number}/close", WHY, key=key)
    assert (one.status_code, other.status_code) == (202, 202)
    assert one.json()["operation"]["id"] != other.json()["operation"]["id"]
