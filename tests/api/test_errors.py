"""Whatever is wrong, a program gets JSON in one shape, and never a traceback."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from muster.api import operations
from tests.api.programs import API, Program, body_of, problem_of
from tests.make import make_member

pytestmark = pytest.mark.django_db

POST = "/appointment-requests"
GOOD = {"npn": "1001", "states": ["CA"], "cocodes": ["90101"], "categories": ["life"]}


@pytest.fixture
def program() -> Program:
    return Program(make_member())


@pytest.mark.parametrize(
    "path",
    [
        "/api/",
        "/api/v1",
        "/api/v1/",
        "/api/v2/transactions",
        "/api/v1/producers",
        "/api/v1/transactions/",
        "/api/v1/operations/no-uuid",
        "/api/v1/operations/",
        "/api/v1/docs",
        "/api/../../etc/passwd",
    ],
)
def test_an_unknown_address_is_not_found_in_json(path: str) -> None:
    client = Client(enforce_csrf_checks=True)
    for answer in (client.get(path), client.post(path, {}, content_type="application/json")):
        assert answer.status_code == 404
        assert problem_of(answer)["code"] == "not_found"


def test_other_pages_still_say_so_to_people() -> None:
    assert Client().get("/nowhere/").headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("post", "/transactions", "GET"),
        ("delete", "/transactions/1", "GET"),
        ("get", POST, "POST"),
        ("put", "/authority", "GET"),
        ("options", "/authority", "GET"),
        ("head", "/authority", "GET"),
    ],
)
def test_another_method_is_told_which_there_are(
    program: Program, method: str, path: str, allowed: str
) -> None:
    sent = {"content_type": "application/json"} if method in ("post", "put") else {}
    answer = getattr(program.client, method)(API + path, headers=program.headers, **sent)
    assert (answer.status_code, answer["Allow"]) == (405, allowed)
    if method != "head":
        assert problem_of(answer)["code"] == "method_not_allowed"


@pytest.mark.parametrize(
    "body",
    [
        "{",
        "",
        "nonsense",
        b"\xff\xfe\x00",
        '{"requests": [',
        "[" * 100_000,
        '{"requests": ' + "9" * 5_000 + "}",
    ],
)
def test_what_is_no_json_is_refused(program: Program, body: Any) -> None:
    answer = program.post(POST, body)
    assert answer.status_code in (400, 422)
    problem_of(answer)


def test_half_a_surrogate_pair_is_no_text(program: Program) -> None:
    body = '{"requests": [{"npn": "\\ud800", "states": ["CA"], "cocodes": ["1"], "categories": ["life"]}]}'
    answer = program.post(POST, body)
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == "requests[0].npn"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_a_body_of_another_kind_is_refused(program: Program, content_type: str) -> None:
    answer = program.post(POST, json.dumps(body_of(GOOD)), content_type=content_type)
    assert answer.status_code == 415
    assert "application/json" in problem_of(answer)["message"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(program: Program, settings: Any) -> None:
    settings.DATA_UPLOAD_MAX_MEMORY_SIZE = 100
    answer = program.post(POST, body_of(GOOD, GOOD))
    assert answer.status_code == 413
    assert "100 bytes" in problem_of(answer)["message"]


def test_a_body_without_a_length_is_told_to_say_one(program: Program) -> None:
    answer = program.post(POST, body_of(GOOD), **{"Transfer-Encoding": "chunked"})
    assert answer.status_code == 411
    assert "Content-Length" in problem_of(answer)["message"]


@pytest.mark.parametrize(
    "path", ["/transactions/%00", "/transactions?npn=%00", "/authority?npn=1&state=CA&cocode=1&line=%00"]
)
def test_nul_in_an_address_is_not_understood(program: Program, path: str) -> None:
    answer = program.get(path)
    assert answer.status_code == 400
    problem_of(answer)


def test_a_host_that_is_not_ours_is_refused_in_json(program: Program) -> None:
    answer = program.get("/transactions", host="evil.example")
    assert answer.status_code == 400
    problem_of(answer)


@pytest.mark.parametrize("debug", [True, False])
def test_a_fault_of_ours_is_told_without_a_traceback(
    program: Program, monkeypatch: pytest.MonkeyPatch, settings: Any, debug: bool
) -> None:
    settings.DEBUG = debug

    def fail(*arguments: Any) -> None:
        raise RuntimeError("a secret of ours")

    monkeypatch.setattr(operations, "operation_of", fail)
    answer = program.get("/operations/6c0f0f5e-3a0c-5d0b-9d1f-5f6f8d8f9a11")
    assert answer.status_code == 500
    assert problem_of(answer)["code"] == "internal"
    assert b"secret" not in answer.content


@pytest.mark.parametrize("number", ["GT-", "0x1", "9" * 30, "-1", "١", "GT-00000001'--", "a%2Fb"])
def test_a_number_that_is_none_is_not_found(program: Program, number: str) -> None:
    assert program.get(f"/transactions/{number}").status_code == 404


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"status": "gone"}, "status[0]"),
        ({"state": "XX"}, "state"),
        ({"cocode": "abc"}, "cocode"),
        ({"npn": "12a"}, "npn"),
        ({"limit": 0}, "limit"),
        ({"limit": 501}, "limit"),
        ({"limit": "many"}, "limit"),
        ({"after": "nonsense"}, "after"),
        ({"after": "bnVsbA"}, "after"),
    ],
)
def test_a_filter_that_makes_no_sense_is_refused(program: Program, query: dict[str, Any], field: str) -> None:
    answer = program.get("/transactions", query)
    assert answer.status_code == 422
    assert problem_of(answer)["details"][0]["field"] == field


def test_what_is_wrong_in_a_value_is_said_in_the_words_of_files(program: Program) -> None:
    answer = program.get("/transactions", {"state": "Calif."})
    assert problem_of(answer)["details"][0]["message"] == (
        "“Calif.” in state is not a state or territory. Did you mean CA?"
    )


def test_errors_never_repeat_a_whole_body(program: Program) -> None:
    answer = program.post(POST, body_of({**GOOD, "npn": ["123-45-6789"]}))
    assert answer.status_code == 422
    assert b"6789" not in answer.content


def test_at_most_a_hundred_faults_are_told(program: Program) -> None:
    answer = program.post(POST, body_of(*[{**GOOD, "npn": 5}] * 300))
    assert len(problem_of(answer)["details"]) == 100


def test_the_description_of_the_api_is_open() -> None:
    answer = Client().get(f"{API}/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["openapi"].startswith("3.")
