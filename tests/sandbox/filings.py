"""Filing with the sandbox's gateway as any sender would, so that tests see the wire."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import httpx
from lxml import etree

BASE = "/gateway/v1/filings"
# Lives in Texas and holds good life and health licenses in Texas, California and Florida.
NPN = "9000013"
COCODE = "90185"
COMPANY = "Summit & Vale Insurance Company"


def content(**given: Any) -> dict[str, Any]:
    """Return an appointment that the gateway accepts, with what is given in place of what it has."""
    usual = {"kind": "appointment", "npn": NPN, "state": "CA", "cocode": COCODE, "line_name": "Life"}
    return {**usual, **given}


def new_key() -> str:
    """Return a key that was never used."""
    return str(uuid4())


def put(client: httpx.Client, key: str, **given: Any) -> httpx.Response:
    """File an appointment, with what is given in place of what it has."""
    return client.put(f"{BASE}/{key}", content=json.dumps(content(**given)))


def file(client: httpx.Client, **given: Any) -> dict[str, Any]:
    """File under a new key, see that it was filed, and return the status object."""
    answer = put(client, new_key(), **given)
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


def appointments(client: httpx.Client, npn: str = NPN) -> list[dict[str, str]]:
    """Return the appointments in the entity report, each with its state and its elements by name."""
    answer = client.get("/pdb-xml-reports/entityinfo_xml.cgi", params={"id_entity": npn})
    return [
        {"state": state.get("name"), **{one.tag: one.text or "" for one in appointment}}
        for state in etree.fromstring(answer.content).findall(".//LICENSE_INFORMATION/STATE")
        for appointment in state.iter("APPOINTMENT")
    ]
