"""Saying that business began: transactions that are held get their deadlines."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.utils import timezone
from ninja import Router, Schema

from muster.access.permissions import Permission
from muster.api.access import ApiRequest, Token
from muster.api.problems import Refused, answers
from muster.api.transactions import TransactionOut, told
from muster.api.values import CoCode, Npn, StateCode, Text, Told
from muster.core.findings import CATALOGUE
from muster.core.transactions import Status
from muster.history.models import Source
from muster.producers.models import Producer
from muster.transactions.operations import CannotMark, mark_first_business
from muster.transactions.queries import visible_transactions

router = Router(tags=["first business"])


class FirstBusiness(Told):
    """Whose business began, where, for which company, and when; without a `line`, for all that are held."""

    npn: Npn
    state: StateCode
    cocode: CoCode
    line: Text = ""
    on: date
    submit: bool = False


class Marked(Schema):
    """What came of it. `undated` counts those of which no deadline is known.

    `kept_back` says why some were not submitted, where that was asked for; empty if all were.
    """

    marked: int
    undated: int
    submitted: int
    kept_back: str
    transactions: list[TransactionOut]


@router.post(
    "",
    response=answers(200, Marked, 400, 404),
    auth=Token(Permission.PREPARE_FILINGS),
    url_name="first-business",
    operation_id="mark_first_business",
    summary="Say when the first business was",
)
def first_business(request: ApiRequest, asked: FirstBusiness) -> Marked:
    """Say when the first business was: held transactions get their deadlines, and go out if asked to.

    Saying it again changes nothing; another day takes the place of the first.
    """
    producers = Producer.objects.visible_to(request.auth, Permission.READ).filter(npn=asked.npn)
    rows = visible_transactions(request.auth).filter(
        producer__in=producers.values("pk"),
        jurisdiction=asked.state,
        cocode=asked.cocode,
        status=Status.HELD,
    )
    if line := asked.line.strip():
        rows = rows.filter(Q(line_name__iexact=line) | Q(line_code__iexact=line))
    held = list(rows.order_by("pk").values_list("pk", flat=True))
    if not held:
        raise Refused(
            404,
            code="nothing_held",
            message="No transaction is held for this producer, state, company and line.",
        )
    mine = visible_transactions(request.auth).filter(pk__in=held)
    try:
        became = mark_first_business(
            by=request.auth,
            transactions=mine,
            on=asked.on,
            submit=asked.submit,
            now=timezone.now(),
            source=Source.API,
        )
    except CannotMark as problem:
        raise Refused(422, message=str(problem), details=[("on", str(problem))]) from None
    known = CATALOGUE.get(became.kept_back)
    return Marked(
        marked=became.transactions,
        undated=became.undated,
        submitted=became.submitted,
        kept_back=known.title if known else became.kept_back,
        transactions=[
            TransactionOut(**told(one)) for one in mine.select_related("producer", "batch").order_by("number")
        ],
    )
