"""Ending appointments from a report: real browser, real worker, real sandbox registry, to the last answer."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from playwright.sync_api import Page, expect

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.appointments.models import Appointment
from muster.appointments.queries import IN_FORCE
from muster.carriers.models import FilingSettings
from muster.carriers.termination_reasons import reasons_by_state
from muster.producers.models import Producer
from muster.registry.operations import queue_for_sync
from muster.transactions.models import Transaction
from tests.e2e.test_onboarding import PATIENCE, log_in
from tests.make import make_company, make_member, make_organization, make_producer
from tests.sandbox.process import sandbox_process
from tests.workers import worker

pytestmark = pytest.mark.django_db(transaction=True)

# Invented people whom the sandbox has, each with appointments.
NPNS = ("1000240", "1000227", "1000020")


@pytest.fixture
def member() -> Membership:
    cache.clear()
    return make_member(make_organization(name="Harbor Insurance"), Role.ADMIN, name="Robin Field")


@pytest.fixture
def workers() -> Iterator[None]:
    """A worker for every queue, and a registry that decides at once."""
    with (
        sandbox_process(decide_after=0) as sandbox,
        worker(
            "bulk",
            "interactive",
            "gateway",
            MUSTER_REGISTRY_URL=f"{sandbox.url}/pdb-xml-reports",
            MUSTER_REGISTRY_USER=sandbox.user,
            MUSTER_REGISTRY_PASSWORD=sandbox.password,
            MUSTER_GATEWAY_URL=sandbox.gateway,
            MUSTER_GATEWAY_USER=sandbox.user,
            MUSTER_GATEWAY_PASSWORD=sandbox.password,
        ),
    ):
        yield


def synced(page: Page, site: Any, member: Membership) -> Appointment:
    """One of the appointments in force that the registry has told of its people."""
    for npn in NPNS:
        make_producer(member.organization, npn=npn)
    producers = Producer.objects.filter(organization=member.organization)
    queue_for_sync(producers=producers, now=timezone.now() - timedelta(seconds=1))
    page.goto(f"{site.url}/appointments/?status=in-force")
    # The page of the list does not follow the sync: it is looked at until it has rows.
    for _ in range(PATIENCE // 500):
        page.reload()
        if not producers.exclude(sync_status__in=["success", "success_no_licenses"]).exists():
            break
        page.wait_for_timeout(500)
    found = Appointment.objects.filter(IN_FORCE, producer__in=producers).order_by("id").first()
    assert found is not None
    return found


@pytest.mark.usefixtures("workers")
def test_the_rows_of_a_report_are_exported_uploaded_and_end_as_accepted_terminations(
    page: Page, live_server: Any, member: Membership, tmp_path: Path
) -> None:
    log_in(page, live_server, member)
    one = synced(page, live_server, member)
    make_company(member.organization, cocode=one.cocode, name=one.company_name)
    of = Appointment.objects.filter(IN_FORCE, cocode=one.cocode, state=one.state)
    wanted = list(of.order_by("id").values_list("id", flat=True))
    defaults = {
        told.state: next(iter(told.accepted), "")
        for told in reasons_by_state(member.organization_id, today=timezone.localdate())
        if told.accepted
    }
    FilingSettings.objects.create(organization=member.organization, termination_reasons=defaults)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Reports").click()
    page.get_by_role("link", name="Appointments to Terminate").click()
    # What a person chooses under Filters stands in the address.
    page.goto(f"{page.url}&where=cocode:is:{one.cocode}&where=state:is:{one.state}")
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Export CSV").click()
    file = tmp_path / "to-end.csv"
    downloading.value.save_as(file)
    with file.open(encoding="utf-8-sig", newline="") as opened:
        rows = list(csv.reader(opened))
    assert rows[0] == ["Related Producer", "NPN", "State Code", "Line of Authority", "CoCode"]
    assert len(rows) - 1 == len(wanted)

    page.get_by_role("navigation", name="Main").get_by_role("link", name="Imports").click()
    page.get_by_role("link", name="New import").click()
    page.get_by_role("link", name="Terminate").first.click()
    page.locator("input[type=file]").set_input_files(file)
    page.get_by_role("button", name="Upload and check").click()
    count = f"{len(wanted)} transaction" + ("s" if len(wanted) > 1 else "")
    submit = page.get_by_role("button", name=f"Submit {count}")
    expect(submit).to_be_enabled(timeout=PATIENCE)
    box = page.get_by_label("Immediately submit to NIPR")
    expect(box).not_to_be_checked()
    box.check()
    submit.click()
    expect(page.locator("#state")).to_have_text("Done", timeout=PATIENCE)

    page.goto(f"{live_server.url}/transactions/?kind=termination")
    for _ in range(PATIENCE // 500):
        if set(Transaction.objects.values_list("status", flat=True)) == {"accepted"}:
            break
        page.wait_for_timeout(500)
    page.reload()
    expect(page.locator("tbody tr")).to_have_count(len(wanted))
    expect(page.locator("tbody tr", has_text="Accepted")).to_have_count(len(wanted))
    assert Transaction.objects.count() == len(wanted)
    ended = Appointment.objects.filter(pk__in=wanted)
    assert {(each.status, bool(each.termination_reason)) for each in ended} == {("Terminated", True)}
