"""The description of the API that is checked in is that of the code, and the page about it tells no other.

`MUSTER_OPENAPI=write` writes the description in place of comparing.
"""

from __future__ import annotations

import json
import os
import re
import shlex
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from muster.api.problems import SENTENCES
from muster.api.v1 import api
from muster.core.authority import Reason
from tests.api.programs import API, Program
from tests.make import make_producer
from tests.transactions.appointing import make_carrier_desk

REFERENCE = Path(__file__).parents[2] / "docs" / "reference"
FILE = REFERENCE / "openapi.json"
PAGE = REFERENCE / "api.md"
HOWTO = REFERENCE.parent / "howto" / "appoint-by-api.md"

METHODS = ("get", "post")


def described() -> dict[str, Any]:
    return json.loads(json.dumps(api.get_openapi_schema(path_prefix=f"{API}/")))


def test_the_description_that_is_checked_in_is_that_of_the_code() -> None:
    now = json.dumps(described(), indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("MUSTER_OPENAPI") == "write":
        FILE.write_text(now, "utf-8")
    assert FILE.read_text("utf-8") == now, "run once with MUSTER_OPENAPI=write, and look at the difference"


def test_what_is_served_is_the_same_description() -> None:
    assert Client().get(f"{API}/openapi.json").json() == described()


def test_every_endpoint_has_a_name_a_summary_and_what_it_answers() -> None:
    names = []
    for path, methods in described()["paths"].items():
        for one in methods.values():
            names.append(one["operationId"])
            assert one["summary"], path
            assert one["description"], path
            assert one["security"] == [{"Token": []}], path
            assert {"401", "403", "422"} < set(one["responses"]), path
    assert len(set(names)) == len(names)


def endpoints() -> list[str]:
    return [
        f"{method.upper()} {path}" for path, methods in described()["paths"].items() for method in methods
    ]


def test_the_page_has_a_section_for_every_endpoint_and_none_besides() -> None:
    told = re.findall(r"^#{3} `((?:GET|POST) /api/v1/\S+)`$", PAGE.read_text("utf-8"), re.MULTILINE)
    actions = {"submit", "cancel", "close", "reopen", "retry"}
    written = [
        one.replace("{action}", action)
        for one in told
        for action in (sorted(actions) if "{action}" in one else [""])
    ]
    assert sorted(written) == sorted(endpoints())


def test_the_page_names_every_code_of_an_error_and_every_reason() -> None:
    text = PAGE.read_text("utf-8")
    wanted = {code for code, _ in SENTENCES.values()} | {"key_used", "invalid_json", "nothing_held"}
    assert {code for code in wanted if f"`{code}`" not in text} == set()
    assert {reason.value for reason in Reason if f"`{reason.value}`" not in text} == set()


# --- examples --------------------------------------------------------------------------------------


def examples() -> list[list[str]]:
    found = []
    for page in (PAGE, HOWTO):
        for block in re.findall(r"```sh\n(.*?)```", page.read_text("utf-8"), re.DOTALL):
            joined = block.replace("\\\n", " ")
            found += [shlex.split(line) for line in joined.splitlines() if line.startswith("curl ")]
    return found


def parsed(words: list[str]) -> tuple[str, str, dict[str, str], str | None, list[tuple[str, str]]]:
    """Method, path, headers, body and query of a call of curl."""
    method, headers, body, url, query = "GET", {}, None, "", []
    rest = iter(words[1:])
    as_query = False
    for word in rest:
        match word:
            case "-s" | "--silent":
                continue
            case "-G" | "--get":
                as_query = True
            case "-X":
                method = next(rest)
            case "-H":
                name, _, value = next(rest).partition(": ")
                headers[name] = value
            case "-d":
                body = next(rest)
                method = "POST"
            case "--data-urlencode":
                query.append(tuple(next(rest).split("=", 1)))
            case _:
                url = word
    assert as_query or not query
    parts = urlsplit(url)
    return method, parts.path, headers, body, [*parse_qsl(parts.query, keep_blank_values=True), *query]


@pytest.mark.django_db
def test_every_example_is_a_call_that_the_api_takes() -> None:
    member = make_carrier_desk()[0]
    program = Program(member)
    for npn in ("3000001", "3000002"):
        # Who is to be removed has to be there.
        make_producer(member.organization, npn=npn)
    paths = described()["paths"]
    assert len(examples()) > 8
    for words in examples():
        method, path, headers, body, query = parsed(words)
        assert headers.pop("Authorization", "") == "Bearer $TOKEN", words
        template = next(
            (
                one
                for one in paths
                if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", one), path) and method.lower() in paths[one]
            ),
            None,
        )
        assert template, (method, path)
        known = {one["name"] for one in paths[template][method.lower()].get("parameters", ())}
        assert {name for name, _ in query} <= known, words
        path = path.removeprefix(API)
        told: dict[str, Any] = {}
        for name, value in query:
            told.setdefault(name, []).append(value)
        if method == "GET":
            answer = program.get(path, told)
        else:
            assert body is None or headers.pop("Content-Type") == "application/json", words
            answer = program.post(path, body or "", key=headers.pop("Idempotency-Key", "none"))
        assert headers == {}, words
        # Whatever else they name is not there; what they say is understood.
        assert answer.status_code in (200, 202, 404), (words, answer.content)
