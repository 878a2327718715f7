"""The reasons for which appointments end, as the registry names them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

from muster.core.rulebook import rule_text


@cache
def termination_reasons() -> Mapping[str, str]:
    """The name of each reason by its code. Source: rules/us/termination_reasons.toml."""
    told = tomllib.loads(rule_text("termination_reasons.toml"))
    return MappingProxyType({reason["code"]: reason["name"] for reason in told["reason"]})
