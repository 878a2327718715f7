"""Values that programs send: the same cleaners as those of files and forms, told as types."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, StringConstraints

from muster.core.columns import without_ssns
from muster.core.findings import sentence
from muster.core.transactions import STATUS_LABELS, Status
from muster.core.values import Cleaner, clean_cocode, clean_npn, clean_state, one_of
from muster.core.words import AGENT_TYPES, LOA_CATEGORIES

LONGEST_TEXT = 200


class Told(Schema):
    """A body or query: what is not known is refused, for it would be a slip."""

    model_config = ConfigDict(extra="forbid")


def _without_nul(text: str) -> str:
    if "\x00" in text:
        raise ValueError("There is a NUL in this text; leave it out")
    return text


Text = Annotated[str, StringConstraints(max_length=LONGEST_TEXT), AfterValidator(_without_nul)]


def cleaned(clean: Cleaner, called: str) -> Callable[[str], Any]:
    """A validator that cleans a text; what is refused, it says in the sentence that files get."""

    def validate(text: str) -> Any:
        value, problems = clean(text)
        if value is not None:
            return value
        if not problems:
            raise ValueError("This is needed, and is empty")
        code, params = problems[0]
        shown = without_ssns(text, numeric=True)
        raise ValueError(sentence(code, field=called, value=shown, params=params))

    return validate


def _status(text: str) -> str:
    if text not in set(Status):
        raise ValueError(f"A status is one of: {', '.join(STATUS_LABELS)}")
    return text


Npn = Annotated[Text, AfterValidator(cleaned(clean_npn, "npn"))]
StateCode = Annotated[Text, AfterValidator(cleaned(clean_state, "state"))]
CoCode = Annotated[Text, AfterValidator(cleaned(clean_cocode, "cocode"))]
AgentType = Annotated[Text, AfterValidator(cleaned(one_of(AGENT_TYPES), "agent_type"))]
StatusCode = Annotated[Text, AfterValidator(_status)]

clean_category = one_of(LOA_CATEGORIES)
