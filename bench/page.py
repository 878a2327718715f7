"""The check page as a browser gets it: through the whole site, from its URL to its HTML."""

from __future__ import annotations

import re

from django.conf import settings
from django.test import Client
from django.urls import reverse

from bench.ours import carry_on, upload
from bench.turn import Clock
from muster.access.models import Membership
from muster.bulk.models import Operation, OperationState


def first_findings(clock: Clock, *, file: str) -> None:
    """Check a file; count the wait of the page that looks on, and the answer that shows the findings."""
    settings.ALLOWED_HOSTS = ["*"]
    member = Membership.objects.select_related("organization", "user").get()
    operation = upload(member, file)
    browser = Client(raise_request_exception=True)
    browser.force_login(member.user)
    # Whoever waits for the check has its page open: the site is warm.
    waiting = _get(browser, "import-detail", operation)
    carry_on(operation, OperationState.READY)
    asks_every = re.search(r'hx-trigger="every (\d+)s"', waiting)
    if asks_every is None:
        raise RuntimeError("the page of a running check does not ask how far it is")
    clock.steps["wait"] = float(asks_every[1])
    with clock.step("answer"):
        html = _get(browser, "import-progress", operation, state=OperationState.CHECKING.value)
        if f'hx-get="{reverse("import-findings", args=[operation.pk])}"' in html:
            html = _get(browser, "import-findings", operation)
    if not re.search(r"Calif\.|Texs|Region \d+", html):
        raise RuntimeError("the page shows no finding")


def _get(browser: Client, name: str, operation: Operation, **query: str) -> str:
    answer = browser.get(reverse(name, args=[operation.pk]), query, headers={"HX-Request": "true"})
    if answer.status_code != 200:
        raise RuntimeError(f"{name} answered {answer.status_code}")
    return answer.content.decode()
