"""Which numbers exist, and how a number is turned into another and back, so that nothing needs to be stored.

Its SSN and its license numbers are the NPN, multiplied and shifted in a ring: each mapping has an inverse,
so a look-up by SSN or by license number is arithmetic and not a search.
"""

from __future__ import annotations

import unicodedata

FIRST_INDIVIDUAL = 1_000_001
DEFAULT_POPULATION = 1_000_000
LARGEST_POPULATION = 6_999_999
FIRST_FIRM = 8_000_001
FIRMS = 100_000

# Areas 000, 666 and 900-999, group 00 and serial 0000 were never assigned (SSA POMS RM 10201.035).
_AREAS = tuple(area for area in range(1, 900) if area != 666)
_GROUPS = 99
_SERIALS = 9_999
_SSN_RING = len(_AREAS) * _GROUPS * _SERIALS
_SSN_STEP = 387_420_491
_SSN_STEP_BACK = pow(_SSN_STEP, -1, _SSN_RING)

_LICENSE_RING = 10**8
_LICENSE_STEP = 48_271_003
_LICENSE_STEP_BACK = pow(_LICENSE_STEP, -1, _LICENSE_RING)

# There the license number is the NPN itself (191 IAC 10.2; insurance.nd.gov).
NPN_IS_LICENSE_NUMBER = frozenset({"IA", "ND"})


def npn_number(text: str | int) -> int | None:
    """Return the NPN as a number, or None unless it is 1 to 10 digits; leading zeros do not count."""
    digits = str(text).strip()
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 10):
        return None
    return int(digits)


def folded(name: str) -> str:
    """Return a name's letters without case and accents, as searches by name compare them."""
    plain = unicodedata.normalize("NFKD", name).casefold()
    return "".join(sign for sign in plain if sign.isalpha())


def is_individual(npn: int, *, population: int = DEFAULT_POPULATION) -> bool:
    """Say whether the NPN is in the range of made-up people."""
    return FIRST_INDIVIDUAL <= npn < FIRST_INDIVIDUAL + population


def is_firm(npn: int) -> bool:
    """Say whether the NPN is in the range of made-up agencies."""
    return FIRST_FIRM <= npn < FIRST_FIRM + FIRMS


def ssn_of(npn: int, *, seed: int) -> str:
    """Return the nine digits of the SSN that belongs to an NPN: of valid form, and no two NPNs share one."""
    place = (npn * _SSN_STEP + seed * 7_919) % _SSN_RING
    place, serial = divmod(place, _SERIALS)
    area, group = divmod(place, _GROUPS)
    return f"{_AREAS[area]:03d}{group + 1:02d}{serial + 1:04d}"


def npn_of_ssn(ssn: str, *, seed: int) -> int | None:
    """Return the NPN that an SSN belongs to, in the population or not; None for an impossible SSN."""
    digits = ssn.replace("-", "").replace(" ", "")
    if not (digits.isascii() and digits.isdigit() and len(digits) == 9):
        return None
    area, group, serial = int(digits[:3]), int(digits[3:5]), int(digits[5:])
    if area in (0, 666) or area >= 900 or group == 0 or serial == 0:
        return None
    area_place = area - 1 if area < 666 else area - 2
    place = (area_place * _GROUPS + group - 1) * _SERIALS + serial - 1
    return (place - seed * 7_919) * _SSN_STEP_BACK % _SSN_RING


def license_number(npn: int, state: str, *, prefix: str = "") -> str:
    """Return the license number of an NPN in a state; licenses of another class differ in their prefix."""
    if state in NPN_IS_LICENSE_NUMBER:
        return f"{prefix}{npn}"
    return f"{prefix}{(npn * _LICENSE_STEP + _state_shift(state)) % _LICENSE_RING:08d}"


def npn_of_license(number: str, state: str) -> int | None:
    """Return the NPN that a license number would belong to; None if it is not of the sandbox's form."""
    digits = number.strip().lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 8):
        return None
    if state in NPN_IS_LICENSE_NUMBER:
        return int(digits)
    return (int(digits) - _state_shift(state)) * _LICENSE_STEP_BACK % _LICENSE_RING


def _state_shift(state: str) -> int:
    return int.from_bytes(state.encode(), "big") * 1_009
