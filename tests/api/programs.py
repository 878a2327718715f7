"""Programs that call the API: a client with a token, as they come."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

from django.http import HttpResponse
from django.test import Client

from muster.access.models import ApiToken, Membership
from muster.access.tokens import digest_of, new_secret
from muster.bulk.models import Operation
from muster.bulk.runner import run
from muster.producers.models import Producer

API = "/api/v1"


def make_secret(member: Membership, **over: Any) -> str:
    """A token that acts as the member; the secret, which is shown once."""
    secret = new_secret()
    ApiToken.objects.create(
        membership=member,
        **{
            "made_by": member.user,
            "name": "quotes",
            "digest": digest_of(secret),
            "hint": "mst_…test",
            **over,
        },
    )
    return secret


class Program:
    """Calls the API as a member, or as nobody."""

    def __init__(self, member: Membership | None = None, *, secret: str = "") -> None:
        self.client = Client(raise_request_exception=False)
        secret = secret or (make_secret(member) if member else "")
        self.headers = {"Authorization": f"Bearer {secret}"} if secret else {}

    def get(self, path: str, query: Any = None, **headers: str) -> HttpResponse:
        return self.client.get(API + path, query, headers={**self.headers, **headers})

    def post(self, path: str, body: Any = None, *, key: str | None = None, **headers: str) -> HttpResponse:
        told = {"Idempotency-Key": str(uuid4()) if key is None else key}
        return self.client.post(
            API + path,
            body if isinstance(body, bytes | str) else json.dumps(body if body is not None else {}),
            content_type=headers.pop("content_type", "application/json"),
            headers={**self.headers, **told, **headers},
        )


def request_of(producer: Producer, **over: Any) -> dict[str, Any]:
    """A request for life and health in California, as a body has it."""
    return {
        "npn": producer.npn,
        "states": ["CA"],
        "cocodes": ["90101"],
        "categories": ["life", "health"],
        **over,
    }


def body_of(*requests: dict[str, Any]) -> dict[str, Any]:
    return {"requests": list(requests)}


def see_through(answer: HttpResponse) -> Operation:
    """Do what a worker does with the operation that was answered."""
    operation = Operation.objects.get(pk=answer.json()["operation"]["id"])
    run(operation.pk)
    operation.refresh_from_db()
    return operation


def problem_of(answer: HttpResponse) -> dict[str, Any]:
    """The error of an answer, which must have the shape of all errors."""
    assert answer["Content-Type"] == "application/json", answer.content
    body = answer.json()
    assert set(body) == {"error"}
    assert set(body["error"]) == {"code", "message", "details"}
    assert body["error"]["message"].endswith((".", "?"))
    assert b"Traceback" not in answer.content
    return body["error"]
