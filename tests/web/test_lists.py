"""What every list can do: columns, conditions, groups, views, exports, and acting on all that match."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid5

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.bulk.models import Item, Operation
from muster.console.lists import pages
from muster.console.lists.known import listings
from muster.console.lists.listing import FIELD_CELL, Listing
from muster.producers.viewing import note_viewed
from muster.reports.models import DefaultView, SavedView
from muster.reports.running import TooLong
from tests.make import (
    make_agency,
    make_appointment,
    make_assignment,
    make_company,
    make_license,
    make_member,
    make_organization,
    make_producer,
    make_transaction,
)
from tests.web.query_counts import same_number_of_queries
from tests.web.test_producers import links, text

pytestmark = pytest.mark.django_db

LISTS = sorted(listings())


def make_things(member: Membership, many: int) -> None:
    """So many of everything that a list shows."""
    from muster.scorecards.models import Scorecard

    for _ in range(many):
        agency = make_agency(member.organization)
        producer = make_producer(member.organization, agency=agency, email="ada@example.com")
        note_viewed(member, producer, now=timezone.now())
        make_license(producer, "CA")
        make_appointment(producer, "CA")
        make_transaction(producer, "CA")
        make_company(member.organization)
        assignment = make_assignment(producer)
        Scorecard.objects.create(
            assignment=assignment,
            organization=member.organization,
            producer=producer,
            percent=50,
            lines=2,
            ready=1,
            judged_at="2026-01-01T00:00Z",
        )


@pytest.fixture
def member() -> Membership:
    member = make_member()
    make_things(member, 3)
    return member


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


@pytest.fixture(params=LISTS)
def listing(request: pytest.FixtureRequest) -> Listing:
    return listings()[request.param]


def url(listing: Listing, what: str, query: str = "") -> str:
    return reverse(f"list-{what}", args=[listing.name]) + query


def exported(answer: Any) -> list[list[str]]:
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(StringIO(content)))


def test_every_column_of_a_list_is_one_of_its_fields(listing: Listing) -> None:
    names = [one.name for one in listing.columns]
    assert set(names) <= set(listing.subject.by_name)
    assert len(listing.addable()) == len(listing.subject.fields)
    assert listing.columns_of(names) == listing.columns


def test_columns_are_chosen_and_stand_in_their_order(site: Client, listing: Listing) -> None:
    names = [one.name for one in listing.subject.fields]
    chosen = [names[-1], listing.columns[0].name, names[0]]
    answer = site.get(url(listing, "columns"), {"show": [*chosen, "nonsense"]})
    shown = site.get(answer["Location"])
    columns = [one.column for one in shown.context["columns"]]
    assert [one.name for one in columns] == list(dict.fromkeys(chosen))
    assert len(shown.context["shown"]) == 3
    added = [one.name for one in columns if one.cell == FIELD_CELL]
    assert all(set(row.extra) == set(added) for row in shown.context["shown"])
    for column in columns:
        assert column.label in text(shown)


def test_the_listings_own_columns_need_no_word_in_the_address(site: Client, listing: Listing) -> None:
    own = [one.name for one in listing.columns]
    assert site.get(url(listing, "columns"), {"show": own})["Location"] == f"{listing.url}?"
    assert site.get(url(listing, "columns", "?columns=npn&reset=yes"))["Location"] == f"{listing.url}?"


def test_a_filter_is_added_and_taken_off(site: Client, listing: Listing) -> None:
    of = listing.subject.fields[0]
    answer = site.get(url(listing, "filter"), {"field": of.name, "how": "filled"})
    shown = site.get(answer["Location"])
    assert f"where={of.name}%3Afilled" in answer["Location"]
    assert len(shown.context["shown"]) == 3
    [chip] = shown.context["chips"]
    assert chip.label == f"{of.label} is not empty"
    assert site.get(listing.url + chip.url).context["chips"] == []
    none = site.get(url(listing, "filter"), {"field": of.name, "how": "empty"})
    assert site.get(none["Location"]).context["total"] == 0


def test_a_filter_that_means_nothing_changes_nothing_and_says_why(site: Client, listing: Listing) -> None:
    answer = site.get(url(listing, "filter"), {"field": "weather", "how": "is", "value": "x"}, follow=True)
    assert "There is no field “weather” here." in text(answer)
    assert answer.context["total"] == 3


def test_a_condition_in_the_address_that_means_nothing_shows_nothing(site: Client, listing: Listing) -> None:
    answer = site.get(f"{listing.url}?where=weather:is:x")
    assert answer.context["total"] == 0
    assert "This filter cannot be read, so nothing is shown" in text(answer)


@pytest.mark.parametrize("query", ["where=weather:is:x&where=npn:filled", "state=XX&state=CA"])
def test_what_means_nothing_stays_in_every_link_of_the_list(query: str, site: Client) -> None:
    listing = listings()["producers"]
    page = site.get(f"{listing.url}?{query}")
    part = query.partition("&")[0]
    tools = page.context["tools"]
    headings = [one.heading.url for one in page.context["columns"] if one.heading]
    for leads in (tools["export_url"], tools["groups_url"], tools["act_url"], *headings):
        assert part.replace(":", "%3A") in leads
    assert ("where", "weather:is:x") in page.context["kept_question"] or "state" in query
    answer = site.get(tools["export_url"], follow=True)
    assert "Nothing was done: a filter of the list cannot be read." in text(answer)
    assert answer.context["total"] == 0
    posted = site.post(f"{tools['act_url']}", {"action": "export", "all": "yes"}, follow=True)
    assert "Nothing was done" in text(posted)


@pytest.mark.parametrize("path", ["/lists/appointments/act/", "/renewals/terminate/"])
def test_an_operation_of_another_organization_is_not_found(
    path: str, site: Client, member: Membership
) -> None:
    theirs = make_member(make_organization())
    chosen = make_appointment(make_producer(member.organization))
    told = uuid5(UUID(int=7), f"terminate-appointments {chosen.pk}")
    Operation.objects.create(
        pk=told,
        organization=theirs.organization,
        kind="terminate-appointments",
        state="ready",
        policy="good-rows",
    )
    form = {
        "action": "terminate-appointments",
        "operation": str(UUID(int=7)),
        "tick": [chosen.pk],
        "number": [chosen.pk],
    }
    assert site.post(path, form).status_code == 404
    assert not Item.objects.filter(operation_id=told).exists()


def test_a_filter_form_keeps_columns_conditions_and_groups(site: Client, listing: Listing) -> None:
    of = listing.subject.fields[0]
    query = f"?columns={of.name}&where={of.name}:filled&group={of.name}"
    page = site.get(listing.url + query).content.decode()
    form = page[page.index("list-filters") :].partition("</form>")[0]
    for name, value in (("columns", of.name), ("where", f"{of.name}:filled"), ("group", of.name)):
        assert f'name="{name}" value="{value}"' in form


def test_rows_are_counted_by_a_field_and_each_count_leads_to_them(site: Client, listing: Listing) -> None:
    for of in listing.subject.fields:
        page = site.get(f"{listing.url}?group={of.name}")
        groups_url = page.context["tools"]["groups_url"]
        counted = site.get(groups_url, headers={"HX-Request": "true"})
        groups = counted.context["groups"]
        assert sum(group.rows for group, _, _ in groups) == 3, of.name
        for group, _, leads in groups:
            if leads:
                assert site.get(leads).context["total"] == group.rows, (of.name, group.label)


def test_without_a_group_there_is_nothing_to_count(site: Client, listing: Listing) -> None:
    assert site.get(url(listing, "groups"))["Location"] == f"{listing.url}?"


def test_all_that_match_are_exported_in_the_order_of_the_columns(site: Client, listing: Listing) -> None:
    of = listing.subject.fields[:2]
    query = f"?columns={of[1].name},{of[0].name}"
    header, *rows = exported(site.get(url(listing, "export", query)))
    # A cell may tell more than one field.
    assert [label for label in header if label in (of[0].label, of[1].label)] == [of[1].label, of[0].label]
    assert len(rows) == 3


def test_an_export_has_what_the_cells_tell_in_the_order_of_the_list(site: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    make_appointment(producer, "TX", cocode="90102")
    header, *rows = exported(site.get("/lists/appointments/export/?sort=-state"))
    assert header[:6] == ["State Code", "Related Producer", "NPN", "Company", "CoCode", "Line of Authority"]
    assert [row[0] for row in rows] == ["TX", "CA", "CA", "CA"]
    assert (rows[0][2], rows[0][4]) == (producer.npn, "90102")


def test_the_ticked_rows_alone_are_exported(site: Client, listing: Listing) -> None:
    first = site.get(listing.url).context["shown"][0]
    answer = site.post(url(listing, "act"), {"action": "export", "tick": [first.tick]})
    assert len(exported(answer)) == 2


def test_nothing_ticked_is_told(site: Client, listing: Listing) -> None:
    answer = site.post(url(listing, "act"), {"action": "export"}, follow=True)
    assert f"Tick the {listing.subject.many} first" in text(answer)


def test_an_action_that_is_not_there_is_not_found(site: Client, listing: Listing) -> None:
    for action in ("", "nonsense", "agent", "review-batches"):
        assert site.post(url(listing, "act"), {"action": action, "all": "yes"}).status_code == 404


def test_what_others_have_is_neither_shown_counted_exported_nor_acted_on(
    client: Client, member: Membership, listing: Listing
) -> None:
    stranger = make_member(make_organization())
    client.force_login(member.user)
    ticks = [row.tick for row in client.get(listing.url).context["shown"]]
    client.force_login(stranger.user)
    of = listing.subject.fields[0].name
    assert client.get(listing.url).context["total"] == 0
    assert client.get(url(listing, "groups", f"?group={of}")).context["groups"] == []
    assert len(exported(client.get(url(listing, "export")))) == 1
    assert len(exported(client.post(url(listing, "act"), {"action": "export", "tick": ticks}))) == 1


def test_a_list_takes_as_many_queries_for_many_rows_as_for_few(
    site: Client, member: Membership, listing: Listing
) -> None:
    of = listing.subject.fields
    query = f"?columns={','.join(one.name for one in of)}&where={of[0].name}:filled&group={of[0].name}"
    for _ in range(2):
        with same_number_of_queries(f"{listing.page}-asked"):
            site.get(listing.url + query)
        make_things(member, 4)


# --- views ---------------------------------------------------------------------------------------------


def save(site: Client, listing: Listing, query: str, **form: str) -> Any:
    return site.post(url(listing, "view-save", query), {"name": "Mine", **form}, follow=True)


def test_a_view_keeps_the_list_as_it_stands(site: Client, listing: Listing) -> None:
    of = listing.subject.fields[0].name
    answer = save(site, listing, f"?where={of}:filled&columns={of}&after=nonsense")
    assert "“Mine” is saved." in text(answer)
    [kept] = answer.context["tools"]["views"]
    assert kept.on
    shown = site.get(kept.url)
    assert [one.column.name for one in shown.context["columns"]] == [of]
    assert "after" not in parse_qs(urlsplit(kept.url).query)


def test_a_view_of_a_name_that_one_has_takes_its_place(site: Client, listing: Listing) -> None:
    of = listing.subject.fields[0].name
    save(site, listing, "")
    save(site, listing, f"?columns={of}", name="  mine ")
    [view] = SavedView.objects.all()
    assert (view.name, view.query) == ("mine", f"?columns={of}")


@pytest.mark.parametrize(
    ("name", "says"), [("", "Give the view a name."), ("x" * 81, "A name has at most 80 letters.")]
)
def test_a_view_needs_a_name(name: str, says: str, site: Client) -> None:
    answer = save(site, listings()["producers"], "", name=name)
    assert says in text(answer)
    assert not SavedView.objects.exists()


def test_the_list_opens_with_the_view_that_one_chose_and_can_still_show_all(
    site: Client, listing: Listing
) -> None:
    of = listing.subject.fields[0].name
    save(site, listing, f"?columns={of}", default="yes")
    answer = site.get(listing.url)
    assert answer["Location"] == f"{listing.url}?columns={of}"
    everything = site.get(f"{listing.url}?view=all")
    assert [one.column for one in everything.context["columns"]] == list(listing.columns)
    assert everything.context["all_url"] == f"{listing.url}?view=all"
    [kept] = everything.context["tools"]["views"]
    site.post(kept.default_url, {"off": "yes"})
    assert site.get(listing.url).status_code == 200
    assert not DefaultView.objects.exists()


def test_a_colleague_sees_shared_views_and_no_others(client: Client, member: Membership) -> None:
    listing, colleague = listings()["appointments"], make_member(member.organization, Role.VIEWER)
    client.force_login(member.user)
    save(client, listing, "?state=CA", name="Private")
    save(client, listing, "?state=NV", name="Shared", shared="yes")
    client.force_login(colleague.user)
    [kept] = client.get(listing.url).context["tools"]["views"]
    assert (kept.view.name, kept.is_mine) == ("Shared", False)
    private = SavedView.objects.get(name="Private")
    assert client.post(url_of_view(listing, "default", private)).status_code == 404
    assert client.post(url_of_view(listing, "delete", kept.view)).status_code == 403
    client.post(url_of_view(listing, "default", kept.view))
    assert client.get(listing.url)["Location"] == f"{listing.url}?state=NV"
    # No longer shared: the colleague's list opens as it comes.
    SavedView.objects.filter(pk=kept.view.pk).update(is_shared=False)
    assert client.get(listing.url).status_code == 200


def url_of_view(listing: Listing, what: str, view: SavedView) -> str:
    return reverse(f"list-view-{what}", args=[listing.name, view.pk])


def test_a_view_of_ones_own_is_deleted(site: Client) -> None:
    listing = listings()["producers"]
    save(site, listing, "", default="yes")
    site.post(url_of_view(listing, "delete", SavedView.objects.get()))
    assert not SavedView.objects.exists()
    assert not DefaultView.objects.exists()


# --- all that match ------------------------------------------------------------------------------------


def test_all_that_match_a_condition_are_taken_and_no_others(site: Client, member: Membership) -> None:
    producer = make_producer(member.organization)
    wanted = [make_transaction(producer, line_name="Falconry") for _ in range(2)]
    query = "?where=line:is:falconry"
    site.post(f"/lists/transactions/act/{query}", {"action": "close-transactions", "all": "yes"})
    taken = Item.objects.filter(operation=Operation.objects.get()).values_list("target_id", flat=True)
    assert set(taken) == {one.pk for one in wanted}


def test_nothing_is_taken_where_a_condition_cannot_be_read(site: Client) -> None:
    form = {"action": "close-transactions", "all": "yes"}
    site.post("/lists/transactions/act/?where=line:nonsense:x", form)
    assert not Item.objects.exists()


def test_an_unknown_list_is_not_found(site: Client) -> None:
    assert site.get("/lists/weather/export/").status_code == 404
    assert site.post("/lists/weather/act/").status_code == 404


def test_a_question_is_read_back_as_it_was_written(listing: Listing) -> None:
    of = listing.subject.fields[0].name
    asked = f"columns={of}&where={of}%3Afilled&group={of}"
    assert listing.query_of(listing.asked_of(QueryDict(asked))) == f"?{asked}"


def test_home_and_menu_lead_to_lists(site: Client, listing: Listing) -> None:
    assert any(link.startswith(listing.url) for link in links(site.get("/")))


def test_a_list_that_takes_too_long_says_what_to_do(
    site: Client, listing: Listing, monkeypatch: pytest.MonkeyPatch
) -> None:
    def give_up(seconds: float, ask: Any) -> Any:
        raise TooLong(f"{seconds} seconds are over.")

    monkeypatch.setattr(pages, "within", give_up)
    query = f"?where={listing.subject.fields[0].name}:filled"
    answer = site.get(listing.url + query)
    assert (answer.status_code, "This takes too long" in text(answer)) == (503, True)
    follows = site.get(listing.url + query, headers={"HX-Request": "true"})
    assert follows["HX-Redirect"] == listing.url + query
