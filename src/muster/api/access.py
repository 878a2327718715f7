"""Who asks: the bearer of a token, who acts as a member."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from muster.access.models import Membership
from muster.access.permissions import Permission
from muster.access.tokens import member_of
from muster.api.problems import Refused
from muster.bulk.kinds import kind_named
from muster.bulk.operations import note_refused
from muster.carriers.models import FilingSettings

SCHEME = "Bearer"

OF_FILINGS = frozenset({Permission.PREPARE_FILINGS, Permission.RELEASE_FILINGS})


class ApiRequest(HttpRequest):
    """A request of a program; `auth` is the member as whom it acts."""

    auth: Membership


class Token(HttpBearer):
    """Lets a program in whose token is good, and whose member may do this; cookies count for nothing."""

    def __init__(self, permission: Permission, *, on_record: str = "") -> None:
        """`on_record` is the action that is asked for: that it was refused is put on record."""
        super().__init__()
        self.permission = permission
        self.on_record = on_record

    def __call__(self, request: HttpRequest) -> Membership:
        scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != SCHEME.lower() or not secret.strip():
            raise _unknown(
                "Send the header “Authorization: Bearer mst_...” with a token; an Agency Admin makes one on "
                "the page API tokens."
            )
        return self.authenticate(request, secret.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Membership:
        member = member_of(token, now=timezone.now())
        if member is None:
            raise _unknown(
                "This token is not known, was revoked, has expired, or acts as somebody who is no longer "
                "here. Have an Agency Admin make another on the page API tokens."
            )
        if not member.may(self.permission):
            if self.on_record:
                note_refused(member=member, kind=kind_named(self.on_record))
            raise Refused(403)
        if self.permission in OF_FILINGS and not _is_one_person(member):
            raise Refused(
                403,
                code="token_of_another",
                message="While two persons have to see each filing, a token prepares and releases filings "
                "only for the person who made it: have one made that acts as its maker.",
            )
        return member


def _is_one_person(member: Membership) -> bool:
    """Whether whoever acts is who made the token; asked where one person could else pass for two."""
    if getattr(member, "is_own_token", False):
        return True
    settings = FilingSettings.objects.filter(organization_id=member.organization_id).first()
    return settings is None or not settings.two_person_release


def _unknown(message: str) -> Refused:
    return Refused(401, message=message, headers={"WWW-Authenticate": SCHEME})
