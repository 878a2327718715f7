"""Mails are kept for a year."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from muster.notices import keeping
from muster.notices.models import Email
from tests.make import make_organization

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("at_once", [1, 2, 100])
def test_ended_mails_of_more_than_a_year_ago_are_forgotten(
    at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(keeping, "SLICE", at_once)
    organization = make_organization()
    for number, (age, state) in enumerate([(400, "sent"), (399, "failed"), (366, "sent"), (364, "sent")]):
        mail = Email.objects.create(
            organization=organization,
            kind="test",
            to=f"{number}@example.com",
            subject="Hello",
            text="",
            message_id=f"<{number}@example.com>",
            state=state,
        )
        Email.objects.filter(pk=mail.pk).update(created_at=timezone.now() - timedelta(days=age))
    assert keeping.forget_old_mails() == 3
    assert Email.objects.get().to == "3@example.com"
