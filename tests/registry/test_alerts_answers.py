"""Answers of the alerts service that are large, or that could be read in two ways."""

from __future__ import annotations

import base64

import pytest

from muster.registry.port import BrokenAnswer
from tests.registry.test_alerts_client import (
    ATTACHED,
    DAY,
    DEMOGRAPHICS,
    LICENSING,
    LICENSING_SAYS,
    MTOM,
    answering,
    client_at,
    part,
    report,
)

TWELVE_MB = 12 * 1024 * 1024


def test_a_large_report_may_stand_in_the_answer_itself() -> None:
    padded = LICENSING + b" " * (TWELVE_MB * 3 // 4)
    inside = report(base64.b64encode(padded).decode())
    assert len(inside) > TWELVE_MB
    with answering(inside) as (client, _), client_at(client.account.url, read_seconds=20) as patient:
        found = patient.report(DAY)
    assert (found.named, found.broken) == (LICENSING_SAYS.named, "")


def test_a_text_that_large_in_a_document_is_refused() -> None:
    swollen = LICENSING.replace(b"</", b"x" * TWELVE_MB + b"</", 1)
    with (
        answering(ATTACHED + part("a@x", swollen) + part("b@x", DEMOGRAPHICS) + b"--=_b--", MTOM) as (
            client,
            _,
        ),
        client_at(client.account.url, read_seconds=20) as patient,
    ):
        assert "document 1: it is no well-formed XML" in patient.report(DAY).broken


def test_an_envelope_with_a_document_type_is_refused() -> None:
    bomb = b'<!DOCTYPE b [<!ENTITY a "aaaa"><!ENTITY c "&a;&a;">]>' + report("&c;" * 10)
    with answering(bomb) as (client, _), pytest.raises(BrokenAnswer):
        client.report(DAY)


@pytest.mark.parametrize("name", ["a@x", "b@x"])
def test_parts_of_the_same_name_are_not_told_apart_by_guessing(name: str) -> None:
    body = ATTACHED + part(name, LICENSING) + part("a@x", LICENSING) + part("b@x", DEMOGRAPHICS) + b"--=_b--"
    with answering(body, MTOM) as (client, _), pytest.raises(BrokenAnswer) as caught:
        client.report(DAY)
    assert str(caught.value) == "two of its parts bear the same name"
