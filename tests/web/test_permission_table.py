"""Every URL x every kind of person, against the real site."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from muster.access.permissions import Role
from muster.portals.addresses import home_path
from tests.make import make_member, make_organization
from tests.web.all_permissions import ROWS
from tests.web.permission_table import PEOPLE, Row, covered

ALLAUTH = "accounts/"
API = "api/"
"""Programs come in here, by tokens: tests/api/test_access.py has a table of its own."""
ROLES = {
    "viewer": Role.VIEWER,
    "specialist": Role.SPECIALIST,
    "submitter": Role.SUBMITTER,
    "admin": Role.ADMIN,
}
FOR_PRODUCERS_TOO = {
    "healthz",
    "us-map",
    "account",
    "switch-organization",
    "mail-opt-out",
    "portal-register",
    "portal-registration",
    "portal-registered",
    "portal-organizations",
}


def _patterns(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in resolver.url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        else:
            yield route, entry


def _own_patterns() -> list[tuple[str, URLPattern]]:
    return [
        (route, pattern)
        for route, pattern in _patterns(get_resolver())
        if not route.lstrip("^").startswith((ALLAUTH, API))
    ]


def test_every_url_of_muster_has_a_name() -> None:
    assert [route for route, pattern in _own_patterns() if not pattern.name] == []


def test_every_url_of_muster_stands_in_the_table() -> None:
    names = {str(pattern.name) for _, pattern in _own_patterns()}
    assert names - covered(ROWS) == set(), "add rows for these to tests/web/permission_table.py"


def test_the_table_names_only_urls_that_exist() -> None:
    names = {str(pattern.name) for _, pattern in _own_patterns()}
    assert covered(ROWS) - names == set()


@pytest.mark.django_db
@pytest.mark.parametrize("person", PEOPLE)
@pytest.mark.parametrize("row", ROWS, ids=str)
def test_each_person_gets_what_the_table_says(row: Row, person: str) -> None:
    organization = make_organization()
    url = reverse(row.name, kwargs=row.make(organization))
    client = Client()
    if person in ROLES:
        client.force_login(make_member(organization, ROLES[person]).user)
    elif person == "outsider":
        client.force_login(make_member(make_organization(), Role.ADMIN).user)

    response = client.get(url, row.data) if row.method == "get" else client.post(url, row.data)

    assert response.status_code == getattr(row, person)
    if person == "anonymous" and response.status_code == HTTPStatus.FOUND:
        assert response["Location"].startswith(reverse("account_login"))


@pytest.mark.django_db
@pytest.mark.parametrize("row", [row for row in ROWS if row.name not in FOR_PRODUCERS_TOO], ids=str)
def test_a_producer_may_enter_no_staff_page(row: Row) -> None:
    organization = make_organization()
    client = Client()
    client.force_login(make_member(organization, Role.PRODUCER).user)
    url = reverse(row.name, kwargs=row.make(organization))
    response = client.get(url, row.data) if row.method == "get" else client.post(url, row.data)
    if row.name == "home":
        assert response["Location"] == home_path()
    else:
        assert response.status_code == HTTPStatus.FORBIDDEN


# --- allauth's own pages ---------------------------------------------------------------------------

ACCOUNT_PAGES = [
    # path, anonymous, logged in
    ("login/", 200, 302),
    ("logout/", 302, 200),
    ("inactive/", 200, 200),
    ("signup/", 200, 302),
    ("reauthenticate/", 302, 200),
    ("email/", 404, 404),
    ("confirm-email/", 404, 404),
    ("confirm-email/abc/", 404, 404),
    ("password/change/", 302, 200),
    ("password/set/", 404, 404),
    ("password/reset/", 200, 200),
    ("password/reset/done/", 200, 200),
    ("password/reset/key/1-abc/", 200, 200),
    ("password/reset/key/done/", 200, 200),
    ("login/code/confirm/", 404, 404),
    ("2fa/", 302, 200),
    ("2fa/authenticate/", 302, 302),
    ("2fa/reauthenticate/", 302, 302),
    ("2fa/totp/activate/", 302, 302),
    ("2fa/totp/deactivate/", 302, 404),
    ("2fa/recovery-codes/", 302, 404),
    ("2fa/recovery-codes/generate/", 302, 302),
    ("2fa/recovery-codes/download/", 302, 404),
    ("3rdparty/", 404, 404),
    ("3rdparty/signup/", 404, 404),
    ("social/connections/", 404, 404),
    ("3rdparty/login/cancelled/", 200, 200),
    ("3rdparty/login/error/", 401, 401),
    ("oidc/sso/login/", 404, 404),
    ("oidc/sso/login/callback/", 404, 404),
    ("sessions/", 404, 404),
]


@pytest.mark.django_db
@pytest.mark.parametrize(("path", "anonymous", "logged_in"), ACCOUNT_PAGES)
def test_pages_of_accounts_are_open_closed_or_behind_the_log_in(
    path: str, anonymous: int, logged_in: int, client: Client
) -> None:
    assert client.get(f"/accounts/{path}").status_code == anonymous
    client.force_login(make_member().user)
    assert client.get(f"/accounts/{path}").status_code == logged_in


def test_every_page_of_accounts_stands_in_the_table() -> None:
    routes = {
        route.lstrip("^").removeprefix(ALLAUTH)
        for route, pattern in _patterns(get_resolver())
        if route.lstrip("^").startswith(ALLAUTH)
    }
    listed = {path for path, *_ in ACCOUNT_PAGES}
    with_a_key = {route for route in routes if "(?P<" in route}
    closed_wholesale = {"confirm-email/", "login/code/", "social/"}
    plain = {route for route in routes - with_a_key if not route.startswith(tuple(closed_wholesale))}
    assert plain - listed == set()
    assert len(with_a_key) == len({"password/reset/key/", "confirm-email/", "oidc login", "oidc callback"})
