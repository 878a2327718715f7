"""Acting on many from a list: select, confirm, follow, and see what became of each."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from muster.access.models import Membership
from muster.access.permissions import Role
from muster.audit.models import Event
from muster.bulk.kinds import kind_named
from muster.bulk.models import Item, Operation, OperationState
from muster.bulk.operations import start_selection
from muster.bulk.runner import run
from muster.console.operations import reads
from muster.notices.models import Email
from muster.transactions.models import Transaction
from muster.transactions.queries import PAGE
from tests.make import make_member, make_organization, make_producer, make_transaction
from tests.transactions.acting import act, demand, finish, fresh, make_fileable, start
from tests.web.import_pages import HTMX, read_csv
from tests.web.reading import links, text

pytestmark = pytest.mark.django_db

S = OperationState
ACT = "/lists/transactions/act/"


@pytest.fixture
def member() -> Membership:
    return make_member(name="Lin Park")


@pytest.fixture
def site(client: Client, member: Membership) -> Client:
    client.force_login(member.user)
    return client


def make_many(member: Membership, count: int, **over: Any) -> list[Transaction]:
    producer = make_producer(member.organization, first_name="Bea", last_name="Núñez")
    return [make_transaction(producer, **over) for _ in range(count)]


def select(site: Client, action: str, *, query: str = "", **form: Any) -> Any:
    """Choose an action in the list, and follow to its page."""
    return site.post(ACT + query, {"action": action, "operation": str(uuid4()), **form}, follow=True)


def numbers(transactions: list[Transaction]) -> list[int]:
    return [one.number for one in transactions]


def page_of(operation: Operation, **query: Any) -> str:
    return reverse("operation-detail", args=[operation.pk], query=query or None)


def test_the_confirm_page_parts_what_is_acted_on_from_what_is_not(site: Client, member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    chosen = [
        *make_many(member, 2, state_fee=1500, registry_fee=500),
        *make_many(member, 1, prepared_by=member.user),
        *make_many(member, 2, status="accepted"),
        *make_many(member, 1, status="rejected"),
        *make_many(member, 1, released_at=timezone.now()),
    ]
    answer = select(site, "submit-transactions", tick=numbers(chosen))
    told = text(answer)
    assert "2 Will be submitted 1 Not allowed 4 Not applicable" in told
    assert "Submit 2 transactions?" in told
    assert "Estimated fees $40.00" in told
    assert "You prepared it not allowed" in told
    assert "Accepted 2 Rejected 1 Submit applies to those that are Ready to Submit or Held (JIT)." in told
    assert "Queued already" in told
    assert not Transaction.objects.filter(released_by=member.user).exists()


def test_what_is_confirmed_is_done_and_the_page_says_what_became_of_each(
    site: Client, member: Membership
) -> None:
    good, bad = make_many(member, 2), make_many(member, 1, status="submitted")
    answer = select(site, "close-transactions", query="?state=CA", tick=numbers([*good, *bad]))
    page = answer.redirect_chain[-1][0]
    answer = site.post(page + "do/", {"reason": "The contract fell through"}, follow=True)
    told = text(answer)
    assert "2 Closed 0 Not allowed 1 Not applicable" in told
    assert "Reason The contract fell through" in told
    assert f"{bad[0]} Núñez, Bea" in told
    assert "Not applicable It is Submitted." in told
    assert "/transactions/?state=CA" in links(answer)
    assert {fresh(one).note for one in good} == {"The contract fell through"}
    # Nobody is mailed what they saw happen.
    assert not Email.objects.exists()


def test_what_ends_something_asks_why_before_anything_is_done(site: Client, member: Membership) -> None:
    [one] = make_many(member, 1)
    page = select(site, "cancel-transactions", tick=numbers([one])).redirect_chain[-1][0]
    answer = site.post(page + "do/", {"reason": " "}, follow=True)
    assert "Say why, then press Cancel" in text(answer)
    assert fresh(one).status == "ready"


def test_what_is_not_to_be_done_is_not(site: Client, member: Membership) -> None:
    [one] = make_many(member, 1)
    page = select(site, "close-transactions", tick=numbers([one])).redirect_chain[-1][0]
    answer = site.post(page + "cancel/", follow=True)
    assert "Canceled before anything was done." in text(answer)
    assert fresh(one).status == "ready"


def test_all_that_match_are_selected_as_they_are_when_it_is_asked(
    site: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    texans = [make_transaction(make_producer(member.organization), "TX") for _ in range(PAGE + 3)]
    others = make_many(member, 2)
    make_transaction(make_producer(make_organization()), "TX")
    answer = select(site, "close-transactions", query="?state=TX", all="yes")
    operation = Operation.objects.get()
    assert operation.state == S.CHECKING
    assert "Checking every transaction" in text(answer)
    assert operation.rows == len(texans)
    late = make_transaction(make_producer(member.organization), "TX")
    finish(operation)
    answer = site.get(page_of(operation))
    assert f"Close {len(texans)} transactions?" in text(answer)
    site.post(page_of(operation) + "do/", {"reason": "Left Texas"})
    finish(operation)
    assert {fresh(one).status for one in texans} == {"closed"}
    assert {fresh(one).status for one in [*others, late]} == {"ready"}
    mail = Email.objects.get()
    assert mail.subject == f"Close transactions: {len(texans)} closed"
    assert f"{len(texans)} transactions were closed." in mail.text
    assert page_of(operation) in mail.text


def test_at_most_a_page_is_ticked(site: Client, member: Membership) -> None:
    many = make_many(member, PAGE + 5)
    select(site, "close-transactions", tick=numbers(many))
    assert Operation.objects.get().rows == PAGE


@pytest.mark.parametrize("ticked", [[], ["x"], ["-1"], ["9" * 30], ["٣"]])
def test_nothing_ticked_is_told_in_the_list(ticked: list[str], site: Client) -> None:
    answer = select(site, "close-transactions", query="?status=ready", tick=ticked)
    assert answer.redirect_chain == [("/transactions/?status=ready", 302)]
    assert "Tick the transactions first, then press Close." in text(answer)


def test_what_is_not_theirs_is_not_selected(site: Client, member: Membership) -> None:
    theirs = make_transaction(make_producer(make_organization()))
    answer = select(site, "close-transactions", tick=[theirs.number])
    assert "Nothing was selected." in text(answer)


def test_posting_the_same_twice_starts_one_and_something_else_another(
    site: Client, member: Membership
) -> None:
    one, other = make_many(member, 2)
    form = {"action": "close-transactions", "operation": str(uuid4())}
    for ticked in ([one], [one], [other]):
        site.post(ACT, {**form, "tick": numbers(ticked)})
    assert Operation.objects.count() == 2


def test_the_same_once_more_after_it_has_ended_is_another(site: Client, member: Membership) -> None:
    [one] = make_many(member, 1)
    form = {"action": "close-transactions", "operation": str(uuid4()), "tick": [one.number]}
    page = site.post(ACT, form, follow=True).redirect_chain[-1][0]
    site.post(page + "cancel/")
    assert site.post(ACT, form, follow=True).redirect_chain[-1][0] != page


def test_confirming_twice_does_it_once(site: Client, member: Membership) -> None:
    one = make_fileable(member.organization, status="rejected")
    page = select(site, "retry-transactions", tick=[one.number]).redirect_chain[-1][0]
    site.post(page + "do/")
    site.post(page + "do/")
    assert Transaction.objects.filter(retry_of=one).count() == 1


def test_where_nothing_can_be_done_there_is_nothing_to_press(site: Client, member: Membership) -> None:
    [one] = make_many(member, 1, status="accepted")
    answer = select(site, "submit-transactions", tick=[one.number])
    told = text(answer)
    assert "Nothing to submit" in told
    page = answer.redirect_chain[-1][0]
    assert "There is nothing to submit: see below why." in text(site.post(page + "do/", follow=True))


def test_a_retry_says_how_the_new_ones_will_stand_and_what_was_made(site: Client, member: Membership) -> None:
    one = make_fileable(member.organization, status="rejected")
    answer = select(site, "retry-transactions", tick=[one.number])
    assert "1 Ready to Submit" in text(answer)
    answer = site.post(answer.redirect_chain[-1][0] + "do/", follow=True)
    made = Transaction.objects.get(retry_of=one)
    assert "1 Retried 0 Not allowed 0 Not applicable" in text(answer)
    assert f"{made} was made." in text(answer)


def test_what_was_left_out_can_be_checked_again(site: Client, member: Membership) -> None:
    demand(member.organization, most_filings=1)
    chosen = make_many(member, 2)
    answer = select(site, "submit-transactions", tick=numbers(chosen))
    page = answer.redirect_chain[-1][0]
    assert "The submission holds 2 transactions; the limit is 1. Nothing of it is submitted." in text(answer)
    assert "have an Agency Admin raise the limit" in text(answer)
    demand(member.organization, most_filings=2)
    site.post(page + "cancel/")
    answer = site.post(page + "check-again/", follow=True)
    assert "Submit 2 transactions?" in text(answer)


@pytest.mark.parametrize("group", reads.GROUPS)
def test_each_group_of_items_can_be_looked_at_alone(group: str, site: Client, member: Membership) -> None:
    demand(member.organization, two_person_release=True)
    chosen = [
        *make_many(member, 1),
        *make_many(member, 1, prepared_by=member.user),
        *make_many(member, 1, status="accepted"),
    ]
    operation = start(member, "submit-transactions", chosen)
    expected = {"will": [1], "not-allowed": [2], "not-applicable": [3]}.get(group, [])
    answer = site.get(page_of(operation, group=group))
    assert [shown.item.row_no for shown in answer.context["rows"]["items"]] == expected


def test_items_are_shown_a_page_at_a_time(
    site: Client, member: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reads.items_of, "__kwdefaults__", {**reads.items_of.__kwdefaults__, "size": 2})
    operation = start(member, "close-transactions", make_many(member, 5))
    seen: list[int] = []
    after = 0
    while True:
        rows = site.get(page_of(operation, after=after)).context["rows"]
        seen += [shown.item.row_no for shown in rows["items"]]
        if rows["next_after"] is None:
            break
        after = rows["next_after"]
    assert seen == [1, 2, 3, 4, 5]


def test_the_results_tell_of_each_what_became_of_it(site: Client, member: Membership) -> None:
    good, bad = make_fileable(member.organization, status="rejected"), make_many(member, 1)[0]
    operation = act(member, "retry-transactions", [good, bad])
    made = Transaction.objects.get(retry_of=good)
    rows = read_csv(site.get(reverse("operation-results", args=[operation.pk])))
    assert rows[0] == [
        *("Number", "Producer", "NPN", "State", "CoCode", "Company", "Line", "Status", "Outcome", "Reason")
    ]
    assert rows[1][0] == str(good)
    assert rows[1][-3:] == ["Rejected", "Retried", f"{made} was made."]
    why = "It is Ready to Submit. Retry applies to those that are Rejected."
    assert rows[2][-3:] == ["Ready to Submit", "Not applicable", why]
    assert Event.objects.filter(kind="operation:download-results", operation_id=operation.pk).exists()


def test_what_was_removed_meanwhile_is_said_to_be_gone(site: Client, member: Membership) -> None:
    first, second = make_many(member, 2)
    operation = start(member, "close-transactions", [first, second])
    Transaction.objects.filter(pk=second.pk).delete()
    assert "No longer there" in text(site.get(page_of(operation)))
    rows = read_csv(site.get(reverse("operation-results", args=[operation.pk])))
    assert rows[2][:9] == [*[""] * 8, "Will be closed"]


def selected(member: Membership, count: int = 1, kind: str = "close-transactions") -> Operation:
    """An action on so many that a worker has still to check."""
    make_many(member, count)
    return start_selection(
        operation_id=uuid4(),
        member=member,
        kind=kind_named(kind),
        selection=Transaction.objects.filter(organization=member.organization).order_by("pk"),
        now=timezone.now(),
        defer=False,
    )


def test_the_page_follows_until_there_is_something_to_decide(site: Client, member: Membership) -> None:
    operation = selected(member, 3)
    url = reverse("operation-progress", args=[operation.pk])
    moving = site.get(url, {"state": "checking"}, headers=HTMX)
    assert "Checking every transaction" in text(moving)
    assert f"{url}?state=checking" in moving.content.decode()
    run(operation.pk)
    decided = site.get(url, {"state": "checking"}, headers=HTMX)
    assert decided["HX-Retarget"] == "#standing"
    assert "Close 3 transactions?" in text(decided)
    assert site.get(url).status_code == 302


def test_results_of_what_is_under_way_are_not_there_yet(site: Client, member: Membership) -> None:
    operation = selected(member)
    assert site.get(reverse("operation-results", args=[operation.pk])).status_code == 404


def test_what_is_stopped_keeps_what_was_done(site: Client, member: Membership) -> None:
    operation = start(member, "close-transactions", make_many(member, 2))
    Item.objects.filter(operation=operation, row_no=1).update(state="applied", outcome="updated")
    Operation.objects.filter(pk=operation.pk).update(state=S.CANCELED, started_at=timezone.now())
    told = text(site.get(page_of(operation)))
    assert "Stopped. What was done before stays so." in told
    assert "1 Not done 1 Closed" in told


@pytest.mark.parametrize("name", ["operation-detail", "operation-progress", "operation-results"])
def test_who_may_not_do_it_may_not_look_at_it(name: str, member: Membership) -> None:
    operation = start(member, "close-transactions", make_many(member, 1))
    client = Client()
    client.force_login(make_member(member.organization, Role.SUBMITTER).user)
    assert client.get(reverse(name, args=[operation.pk])).status_code == 403


def test_an_import_has_a_page_of_its_own(site: Client, member: Membership) -> None:
    operation = Operation.objects.create(
        id=uuid4(), organization=member.organization, kind="agent", by=member.user, state=S.DONE
    )
    assert site.get(page_of(operation)).status_code == 404


def test_the_activity_log_tells_actions_in_their_own_words(site: Client, member: Membership) -> None:
    chosen = [*make_many(member, 2), *make_many(member, 1, status="accepted")]
    operation = act(member, "close-transactions", chosen, reason="Why not")
    answer = site.get("/activity/")
    assert page_of(operation) in links(answer)
    told = text(answer)
    assert "selected 3 transactions to close" in told
    assert "had 2 transactions closed" in told
    assert "finished: 2 transactions closed, 1 refused" in told


def test_the_page_of_a_submission_follows_while_its_filings_are_on_the_way(
    site: Client, member: Membership
) -> None:
    one = make_transaction(make_producer(member.organization))
    operation = act(member, "submit-transactions", [one])
    page = reverse("operation-detail", args=[operation.pk])
    assert 'hx-select="#items"' in site.get(page).content.decode()
    Transaction.objects.filter(pk=one.pk).update(status="accepted")
    assert 'hx-select="#items"' not in site.get(page).content.decode()
