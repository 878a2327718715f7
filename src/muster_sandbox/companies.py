"""The insurers of the sandbox: invented names, CoCodes and FEINs, and what each writes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Company:
    """An invented insurer: five-digit CoCode, nine-digit FEIN, the line categories for which it appoints."""

    cocode: str
    name: str
    fein: str
    categories: frozenset[str]


_LIFE = frozenset({"life", "health", "variable", "fraternal"})
_PROPERTY = frozenset({"property", "casualty", "personal_lines"})
_ALL = _LIFE | _PROPERTY

# FEINs begin with 00, which the IRS never assigns, so none belongs to anyone.
COMPANIES = tuple(
    Company(cocode, name, f"00{4_100_000 + place * 1_311}", categories)
    for place, (cocode, name, categories) in enumerate(
        [
            ("90011", "Granite Lantern Life Insurance Company", _LIFE),
            ("90029", "Blue Heron Mutual Life Insurance Company", _LIFE),
            ("90037", "Prairie Lighthouse Life & Health Insurance Company", _LIFE),
            ("90045", "Cedar Compass Life Assurance Society", _LIFE),
            ("90053", "Tidewater Anchor Health Plan, Inc.", frozenset({"health"})),
            ("90061", "Silver Orchard Health Insurance Company", frozenset({"health"})),
            ("90070", "Meridian Willow Annuity Company", frozenset({"life", "variable"})),
            ("00418", "Fraternal Order of the Oaken Bridge", frozenset({"life", "health", "fraternal"})),
            ("90088", "Copper Kettle Casualty Company", _PROPERTY),
            ("90096", "Northern Wharf Property & Casualty Insurance Company", _PROPERTY),
            ("90100", "Redwood Harbor Insurance Exchange", _PROPERTY),
            ("90118", "Sandstone Fire & Marine Insurance Company", _PROPERTY),
            ("90126", "Quill & Lantern Indemnity Company", _PROPERTY),
            ("90134", "Ironbark Farmers Mutual Insurance Company", _PROPERTY),
            ("01925", "Old Causeway Home Insurance Company", frozenset({"property", "personal_lines"})),
            ("90142", "Bellwether Specialty Insurance Company", frozenset({"property", "casualty"})),
            ("90151", "Juniper National Insurance Company", _ALL),
            ("90169", "Four Rivers Assurance Company", _ALL),
            ("90177", "Great Egret Insurance Company of America", _ALL),
            ("90185", "Summit & Vale Insurance Company", _ALL),
        ]
    )
)
