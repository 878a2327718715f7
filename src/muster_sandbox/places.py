"""Cities, ZIP codes and area codes of the 54 jurisdictions, and streets that are invented."""

from __future__ import annotations

# state: (share of residents per thousand, cities as name/ZIP/area code)
_TABLE = """
AK 4 Anchorage/99501/907 Juneau/99801/907
AL 16 Birmingham/35203/205 Mobile/36602/251
AR 10 Little Rock/72201/501 Fayetteville/72701/479
AZ 22 Phoenix/85004/602 Tucson/85701/520
CA 105 Los Angeles/90012/213 Sacramento/95814/916 San Diego/92101/619 Fresno/93721/559
CO 18 Denver/80202/303 Colorado Springs/80903/719
CT 12 Hartford/06103/860 New Haven/06510/203
DC 4 Washington/20001/202
DE 5 Wilmington/19801/302 Dover/19901/302
FL 85 Miami/33130/305 Orlando/32801/407 Tampa/33602/813 Jacksonville/32202/904
GA 34 Atlanta/30303/404 Savannah/31401/912
GU 1 Hagåtña/96910/671
HI 5 Honolulu/96813/808 Hilo/96720/808
IA 14 Des Moines/50309/515 Cedar Rapids/52401/319
ID 7 Boise/83702/208
IL 42 Chicago/60602/312 Springfield/62701/217 Peoria/61602/309
IN 22 Indianapolis/46204/317 Fort Wayne/46802/260
KS 12 Wichita/67202/316 Topeka/66603/785
KY 15 Louisville/40202/502 Lexington/40507/859
LA 16 New Orleans/70112/504 Baton Rouge/70801/225
MA 24 Boston/02108/617 Worcester/01608/508
MD 20 Baltimore/21202/410 Rockville/20850/301
ME 5 Portland/04101/207
MI 32 Detroit/48226/313 Grand Rapids/49503/616
MN 20 Minneapolis/55401/612 Duluth/55802/218
MO 22 Kansas City/64106/816 Saint Louis/63103/314
MS 9 Jackson/39201/601
MT 5 Billings/59101/406
NC 33 Charlotte/28202/704 Raleigh/27601/919
ND 4 Fargo/58102/701
NE 10 Omaha/68102/402 Lincoln/68508/402
NH 5 Manchester/03101/603
NJ 28 Newark/07102/973 Trenton/08608/609
NM 6 Albuquerque/87102/505
NV 10 Las Vegas/89101/702 Reno/89501/775
NY 60 New York/10007/212 Buffalo/14202/716 Albany/12207/518
OH 36 Columbus/43215/614 Cleveland/44113/216 Cincinnati/45202/513
OK 12 Oklahoma City/73102/405 Tulsa/74103/918
OR 12 Portland/97204/503 Eugene/97401/541
PA 40 Philadelphia/19107/215 Pittsburgh/15222/412
PR 5 San Juan/00901/787
RI 3 Providence/02903/401
SC 16 Columbia/29201/803 Greenville/29601/864
SD 4 Sioux Falls/57104/605
TN 22 Nashville/37219/615 Memphis/38103/901
TX 95 Houston/77002/713 Dallas/75201/214 Austin/78701/512 San Antonio/78205/210
UT 12 Salt Lake City/84111/801
VA 25 Richmond/23219/804 Norfolk/23510/757
VI 1 Charlotte Amalie/00802/340
VT 3 Burlington/05401/802
WA 20 Seattle/98104/206 Spokane/99201/509
WI 20 Milwaukee/53202/414 Madison/53703/608
WV 5 Charleston/25301/304
WY 2 Cheyenne/82001/307
"""


def _parse() -> tuple[dict[str, tuple[tuple[str, str, str], ...]], tuple[str, ...]]:
    cities: dict[str, tuple[tuple[str, str, str], ...]] = {}
    shares: list[str] = []
    for row in _TABLE.strip().splitlines():
        state, share, places = row.split(" ", 2)
        found: list[tuple[str, str, str]] = []
        name = ""
        for word in places.split(" "):
            name = f"{name} {word}".strip()
            if "/" in name:
                city, zip_code, area = name.split("/")
                found.append((city, zip_code, area))
                name = ""
        cities[state] = tuple(found)
        shares += [state] * int(share)
    return cities, tuple(shares)


CITIES, RESIDENT_SHARES = _parse()
STATES = tuple(CITIES)

# No appointment is filed there: the insurer keeps an internal register (agentsync.io compliance library).
REGISTRY_STATES = frozenset({"AK", "AZ", "CO", "IL", "IN", "MD", "MO", "OR"})

# There the state ends the appointments of a license that expires (state rules, license renewal).
ENDED_WITH_THE_LICENSE = frozenset("AL CA CO FL HI IA ID KY ME MS MT ND NE NY SC UT WI WV".split())  # noqa: SIM905

# Licenses there have no expiry date; in Maine those of nonresidents (state rules, license terms).
PERPETUAL_STATES = frozenset({"FL", "MI", "NC"})
PERPETUAL_ABROAD = frozenset({"ME"})

STREETS = (
    "Alder Hollow Road",
    "Amberfield Lane",
    "Birchwater Avenue",
    "Bluestem Court",
    "Calico Ridge Drive",
    "Cinderbrook Way",
    "Copperleaf Street",
    "Drummond Mill Road",
    "Eastlantern Avenue",
    "Fernhollow Drive",
    "Foxglove Terrace",
    "Gable End Street",
    "Harrowgate Lane",
    "Heronwood Boulevard",
    "Indigo Bend",
    "Juniper Bluff Road",
    "Kestrel Point",
    "Larkmeadow Street",
    "Marblehead Crossing",
    "Millrace Avenue",
    "Nettlecombe Road",
    "Old Ferry Turnpike",
    "Palisade Row",
    "Quarrystone Lane",
    "Ravensbourne Drive",
    "Saltgrass Avenue",
    "Silverthorn Street",
    "Tamarack Trace",
    "Underhill Road",
    "Vinegar Hill Street",
    "Westlantern Avenue",
    "Yarrow Field Road",
)
UNITS = ("", "", "", "", "Suite 100", "Suite 220", "Suite 310", "Floor 4", "Unit B", "PO Box 118")
