"""The permission table whole: the rows of all its parts."""

from __future__ import annotations

from tests.web.mailing_permissions import MAILINGS
from tests.web.onboarding_permissions import ONBOARDING
from tests.web.permission_table import ROWS as TABLE
from tests.web.portal_permissions import PORTALS
from tests.web.removal_permissions import REMOVING
from tests.web.seat_permissions import SEATED
from tests.web.webhook_permissions import WEBHOOKS

ROWS = [*TABLE, *ONBOARDING, *REMOVING, *MAILINGS, *PORTALS, *SEATED, *WEBHOOKS]
