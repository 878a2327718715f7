"""The NPNs that behave specially: one table, from which docs/reference/sandbox.md is tested."""

from __future__ import annotations

from dataclasses import dataclass

from muster_sandbox.behavior import Behavior
from muster_sandbox.records import Alias


@dataclass(frozen=True, slots=True)
class Special:
    """A fixed NPN, a key to name it by in tests, what it does, and who is behind it (no name: nobody).

    `license_numbers` are those of the states in which it is not the one that arithmetic gives.
    """

    npn: str
    key: str
    does: str
    first_name: str = ""
    last_name: str = ""
    behavior: Behavior = Behavior.NORMAL
    aliases: tuple[Alias, ...] = ()
    license_numbers: tuple[tuple[str, str], ...] = ()

    @property
    def exists(self) -> bool:
        """Whether somebody has this NPN."""
        return bool(self.last_name)


SPECIALS = (
    Special("9000001", "not_found", "not found", behavior=Behavior.NOT_FOUND),
    Special("9000002", "no_licenses", "found, with no licenses", "Rosalind", "Okafor"),
    Special(
        "9000003",
        "resident_expired",
        "resident license (TX) expired though still marked active; others good",
        "Desmond",
        "Talbot",
    ),
    Special(
        "9000004",
        "resident_inactive",
        "resident license (TX) inactive though not expired; others good",
        "Ingrid",
        "Halvorsen",
    ),
    Special(
        "9000005",
        "several_licenses",
        "three licenses of different classes in TX, two in CA",
        "Priya",
        "Raghunathan",
    ),
    Special(
        "9000006", "timeout_once", "times out once, then fine", "Marcus", "Delacroix", Behavior.TIMEOUT_ONCE
    ),
    Special("9000007", "timeout", "always times out", "Hannah", "Lindqvist", Behavior.TIMEOUT),
    Special("9000008", "error", "always answers `TYPE` = `ERROR`", "Tomás", "Villareal", Behavior.ERROR),
    Special("9000009", "http_500", "always answers HTTP 500", "Gloria", "Stanhope", Behavior.HTTP_500),
    Special(
        "9000010",
        "broken_xml",
        "always answers XML that is not well formed",
        "Kwame",
        "Boakye",
        Behavior.BROKEN_XML,
    ),
    Special(
        "9000011",
        "truncated_xml",
        "always answers a report that stops in the middle",
        "Eleanor",
        "Whitcombe",
        Behavior.TRUNCATED_XML,
    ),
    Special(
        "9000012",
        "throttled_twice",
        "HTTP 429 with `Retry-After: 1` twice, then fine",
        "Wei",
        "Zhang",
        Behavior.THROTTLED_TWICE,
    ),
    Special("9000013", "accents", "a name with accents, an apostrophe and a hyphen", "Zoë", "O'Brien-Nuñez"),
    Special(
        "9000014",
        "other_name",
        "files usually carry another name: Peggy Abernathy",
        "Margaret",
        "Abernathy-Sloan",
        aliases=(Alias("TX", "Alias", "Peggy Abernathy"),),
    ),
    Special(
        "9000015", "unknown_state", "a license in the state `ZZ`, which does not exist", "Ruth", "Castellanos"
    ),
    Special(
        "9000016", "all_states", "licensed in all 54 jurisdictions: a very long report", "Solomon", "Adeyemi"
    ),
    Special("9000017", "no_resident_license", "nonresident licenses only", "Camille", "Fontaine"),
    Special("9000018", "regulatory_action", "a regulatory action is on record", "Victor", "Marchetti"),
    Special(
        "9000019",
        "error_once",
        "answers `TYPE` = `ERROR` once, then fine",
        "Naomi",
        "Birnbaum",
        Behavior.ERROR_ONCE,
    ),
    Special(
        "9000020",
        "http_500_once",
        "answers HTTP 500 once, then fine",
        "Yusuf",
        "Karaca",
        Behavior.HTTP_500_ONCE,
    ),
    Special(
        "9000021",
        "same_license_number",
        "license 77001234 in TX, as another person has too, and 77005678 in CA",
        "Lucia",
        "Fairweather",
        license_numbers=(("TX", "77001234"), ("CA", "77005678")),
    ),
    Special(
        "9000022",
        "same_license_number_too",
        "license 77001234 in TX, as another person has too, and 77005678 in FL",
        "Osman",
        "Pemberton",
        license_numbers=(("TX", "77001234"), ("FL", "77005678")),
    ),
)

BY_NPN = {special.npn: special for special in SPECIALS}
BY_KEY = {special.key: special for special in SPECIALS}

BY_LICENSE: dict[tuple[str, str], list[int]] = {}
"""The NPNs whose license in a state has a number of its own, by state and number."""
for _special in SPECIALS:
    for _held in _special.license_numbers:
        BY_LICENSE.setdefault(_held, []).append(int(_special.npn))
