"""What always holds, whatever the file."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from muster.bulk.models import Item, Operation
from tests.bulk.uploads import (
    AGENCY,
    COCODE,
    as_csv,
    check_file,
    codes,
    import_file,
    make_desk,
    outcomes,
    results_file,
    stored,
)

pytestmark = pytest.mark.django_db

slowly = settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))

CELLS = {
    "Agency NPN": st.sampled_from([AGENCY, AGENCY, AGENCY, "8299999", "", "x"]),
    "First Name": st.sampled_from(["Ada", "Ada", "Bo", "", "=1+1"]),
    "Last Name": st.sampled_from(["Alder", "Alder", "Birch", "O’Neil-Núñez", ""]),
    "Agent NPN": st.sampled_from(["31", "32", "33", "0031", "34.0", "1.2E+09", "abc", ""]),
    "Agent Email": st.sampled_from(["", "", "a@alder.example", "not an address"]),
    "Agent SSN": st.sampled_from(["", "", "123-45-6789", "12345678", "123-45-6788"]),
    "LOA Category": st.sampled_from(["", "life", "life;health", "Health; Life", "lyfe"]),
    "States": st.sampled_from(["", "CA", "TX;CA", "ca;Texas", "Calif."]),
    "Scorecard Type": st.sampled_from(["", "license", "License_and-Appointment"]),
    "Agent Type": st.sampled_from(["", "producer", "Surplus Lines"]),
    "CoCode": st.sampled_from(["", COCODE, "99999", "901"]),
}
ROWS = st.lists(st.fixed_dictionaries(CELLS), max_size=14)


def written(operation: Operation) -> list[int]:
    return sorted(Item.objects.filter(operation=operation).values_list("row_no", flat=True))


@slowly
@given(rows=ROWS)
def test_every_row_is_accounted_for_once_by_the_number_that_excel_shows(rows: list[dict[str, str]]) -> None:
    operation = import_file(make_desk(), as_csv(rows)) if rows else check_file(make_desk(), as_csv(rows))
    filled = [number for number, told in enumerate(rows, start=2) if any(told.values())]
    assert written(operation) == (filled if operation.state != "blocked" else [])
    if operation.state == "blocked":
        assert not filled
        return
    assert operation.rows == len(filled)
    assert operation.blank == len(rows) - len(filled)
    assert sum(operation.outcomes.values()) == len(filled)
    assert {name: n for name, n in operation.outcomes.items() if n} == dict(
        Counter(outcomes(operation).values())
    )


@slowly
@given(rows=ROWS.filter(lambda rows: any(any(told.values()) for told in rows)))
def test_checking_twice_finds_the_same_and_writing_twice_changes_nothing(rows: list[dict[str, str]]) -> None:
    desk = make_desk()
    content = as_csv(rows)
    first = import_file(desk, content)
    before = stored(desk)
    second = import_file(desk, content)
    assert codes(first) == codes(second)
    assert stored(desk) == before
    assert second.outcomes["created"] == second.outcomes["updated"] == 0


@slowly
@given(rows=ROWS.filter(lambda rows: any(any(told.values()) for told in rows)))
def test_the_preview_is_what_then_happens(rows: list[dict[str, str]]) -> None:
    operation = import_file(make_desk(), as_csv(rows))
    told = {name: n for name, n in operation.preview.items() if n}
    assert told == {name: n for name, n in operation.outcomes.items() if n}


@slowly
@given(rows=ROWS.filter(lambda rows: any(any(told.values()) for told in rows)))
def test_the_results_file_uploaded_again_changes_nothing(rows: list[dict[str, str]]) -> None:
    desk = make_desk()
    first = import_file(desk, as_csv(rows))
    before = stored(desk)
    second = import_file(desk, results_file(first))
    assert stored(desk) == before
    assert second.rows == first.rows


@slowly
@given(rows=ROWS, order=st.randoms())
def test_the_order_of_rows_does_not_matter_for_what_is_stored(
    rows: list[dict[str, str]], order: object
) -> None:
    shuffled = list(rows)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    one, other = make_desk(), make_desk()
    for desk, told in ((one, rows), (other, shuffled)):
        operation = check_file(desk, as_csv(told))
        if operation.state == "ready":
            import_file(desk, as_csv(told))
    assert normal(stored(one)) == normal(stored(other))


def normal(told: tuple[list[tuple[object, ...]], list[tuple[object, ...]]]) -> tuple[object, object]:
    """Lists in an assignment keep the order of the row that first told it; which row that is may differ."""
    producers, assignments = told
    return producers, sorted(
        str([sorted(part) if isinstance(part, list) else part for part in one]) for one in assignments
    )
