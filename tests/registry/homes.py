"""Homes of their own for commands that sync: an organization, its admin, and producers never synced."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from muster.cli.postgres import ensure_database, leave_database
from tests.ready_made import copy_of_migrated_home

PEOPLE = """
WITH organization AS (
    INSERT INTO access_organization (name, slug, kind) VALUES ('Harbor', 'harbor', 'agency') RETURNING id
), person AS (
    INSERT INTO access_user (email, password, name, is_active, is_superuser)
    VALUES ('admin@harbor.example', '!', 'Robin Field', true, false) RETURNING id
)
INSERT INTO access_membership (organization_id, user_id, role, can_see_ssn, is_active)
SELECT organization.id, person.id, 'admin', false, true FROM organization, person
"""
PRODUCERS = """
INSERT INTO producers_producer (organization_id, npn)
SELECT id, unnest(%s::text[]) FROM access_organization
"""


@contextmanager
def home_with(folder: Path, npns: Iterable[str]) -> Iterator[tuple[Path, str]]:
    """Give a home, and the URL of its database."""
    given = os.environ.pop("DATABASE_URL", None)
    copy_of_migrated_home(folder)
    url = ensure_database(folder, durable=False)
    try:
        with psycopg.connect(url) as database:
            database.execute(PEOPLE)
            database.execute(PRODUCERS, [list(npns)])
        yield folder, url
    finally:
        leave_database(folder)
        if given:
            os.environ["DATABASE_URL"] = given
