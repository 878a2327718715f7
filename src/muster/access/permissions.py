"""What each role may do. One table; everything else asks it."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """A person's role in an organization."""

    ADMIN = "admin"
    SPECIALIST = "specialist"
    SUBMITTER = "submitter"
    VIEWER = "viewer"
    PRODUCER = "producer"

    @property
    def label(self) -> str:
        return ROLE_LABELS[self]


ROLE_LABELS = {
    Role.ADMIN: "Agency Admin",
    Role.SPECIALIST: "Licensing Specialist",
    Role.SUBMITTER: "Submitter",
    Role.VIEWER: "Viewer",
    Role.PRODUCER: "Producer",
}


class Permission(StrEnum):
    """A thing that a person may be allowed to do."""

    READ = "read"
    IMPORT = "import"
    SYNC = "sync"
    MANAGE_AGENCIES = "manage-agencies"
    SEE_SSN = "see-ssn"
    PREPARE_FILINGS = "prepare-filings"
    RELEASE_FILINGS = "release-filings"
    MANAGE_CARRIERS = "manage-carriers"
    REMOVE_PRODUCERS = "remove-producers"
    INVITE_PRODUCERS = "invite-producers"
    SEND_MAIL = "send-mail"
    MANAGE_USERS = "manage-users"
    READ_MAIL = "read-mail"
    MANAGE_SETTINGS = "manage-settings"


_VIEWER = frozenset({Permission.READ})
_SPECIALIST = _VIEWER | {
    Permission.IMPORT,
    Permission.SYNC,
    Permission.MANAGE_AGENCIES,
    Permission.PREPARE_FILINGS,
    Permission.INVITE_PRODUCERS,
    Permission.SEND_MAIL,
}

GRANTS: dict[Role, frozenset[Permission]] = {
    Role.ADMIN: frozenset(Permission) - {Permission.SEE_SSN},
    Role.SPECIALIST: _SPECIALIST,
    Role.SUBMITTER: _VIEWER | {Permission.SYNC, Permission.RELEASE_FILINGS},
    Role.VIEWER: _VIEWER,
    Role.PRODUCER: frozenset(),
}

OF_AGENCIES = frozenset(
    {
        Permission.READ,
        Permission.SYNC,
        Permission.SEE_SSN,
        Permission.PREPARE_FILINGS,
        Permission.RELEASE_FILINGS,
        Permission.INVITE_PRODUCERS,
        Permission.SEND_MAIL,
    }
)
"""What can be done for the producers of some agencies; all else is of the whole organization."""

# Seeing an SSN is granted to a person, never by a role alone, and never to these.
NEVER_SEE_SSN = frozenset({Role.VIEWER, Role.PRODUCER})


def roles_that_may(permission: Permission) -> list[str]:
    """The roles that allow it, as memberships keep them."""
    return [role.value for role in Role if allows(role, permission)]


def allows(role: Role, permission: Permission, *, can_see_ssn: bool = False) -> bool:
    """Whether the role allows it; `SEE_SSN` also needs the person's own grant."""
    if permission is Permission.SEE_SSN:
        return can_see_ssn and role not in NEVER_SEE_SSN
    return permission in GRANTS[role]
