"""What the page about roles says is what the table of permissions does."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from muster.access.permissions import Permission, Role, allows

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "roles.md"


def documented() -> dict[tuple[Permission, Role], str]:
    rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith("| `") or line.startswith("| permission")
    ]
    by_label = {role.label: role for role in Role}
    roles = [by_label[label] for label in rows[0][1:]]
    return {
        (Permission(re.match(r"`([a-z-]+)`", row[0])[1]), role): cell  # type: ignore[index]
        for row in rows[1:]
        for role, cell in zip(roles, row[1:], strict=True)
    }


def test_the_page_about_roles_names_every_permission_and_role() -> None:
    assert set(documented()) == {(permission, role) for permission in Permission for role in Role}


@pytest.mark.parametrize("permission", Permission)
@pytest.mark.parametrize("role", Role)
def test_the_page_about_roles_tells_what_is_so(permission: Permission, role: Role) -> None:
    outright = allows(role, permission)
    when_granted = allows(role, permission, can_see_ssn=True)
    told = "yes" if outright else "if granted" if when_granted else "no"
    assert documented()[permission, role] == told
