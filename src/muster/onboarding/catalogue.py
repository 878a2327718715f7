"""What can be wrong with a producer who is being onboarded, beyond a value by itself."""

from __future__ import annotations

from muster.core.catalogue import Scope, entry
from muster.core.findings import extend

extend(
    (
        entry(
            "ONBOARD-E001",
            Scope.ROWS,
            "In the organization already",
            "{name}, NPN {npn}, is in the organization already.",
            "Go on from the producer's page.",
        ),
        entry(
            "ONBOARD-E002",
            Scope.ROWS,
            "Email address in use",
            "{value} is the email address of {name}, NPN {npn}, already.",
            "Give an address of the producer's own.",
        ),
        entry(
            "ONBOARD-E003",
            Scope.ROWS,
            "SSN of another last name",
            "This Social Security number belongs to somebody with another last name.",
            "Check the number and the last name with the producer.",
        ),
        entry(
            "ONBOARD-E004",
            Scope.ROWS,
            "Nobody with this SSN and last name",
            "The registry knows nobody with this Social Security number and last name.",
            "Check both with the producer, or onboard by NPN or license number.",
        ),
        entry(
            "ONBOARD-E005",
            Scope.ROWS,
            "Nobody with this NPN",
            "The registry knows nobody by the NPN {npn}.",
            "Check the number with the producer.",
        ),
        entry(
            "ONBOARD-E006",
            Scope.ROWS,
            "No such license",
            "The registry knows nobody with the license {value} in {state}.",
            "Check the number and the state with the producer, or onboard by NPN.",
        ),
        entry(
            "ONBOARD-E007",
            Scope.ROWS,
            "No answer from the registry",
            "{why}",
            "Try again in a few minutes. Nothing was written.",
        ),
        entry(
            "ONBOARD-E008",
            Scope.ROWS,
            "State without lines of authority",
            "No lines of authority are on file for {state}, so none can be applied for there.",
            "Take the state off, or apply for the license with the state itself.",
        ),
        entry(
            "ONBOARD-E009",
            Scope.ROWS,
            "State without a line",
            "{state} is chosen, and no line of authority in it.",
            "Choose the lines for {state}, or take the state off.",
        ),
        entry(
            "ONBOARD-E010",
            Scope.ROWS,
            "Not told who pays",
            "{field} is not told.",
            "Choose whether the agency or the producer pays.",
        ),
        entry(
            "ONBOARD-E011",
            Scope.ROWS,
            "NPN of another row",
            "Row {twin} of the file has the NPN {npn} too.",
            "Check the number with the producer.",
        ),
        entry(
            "ONBOARD-E012",
            Scope.ROWS,
            "SSN of another row",
            "Row {twin} of the file has this Social Security number too, with another NPN.",
            "Check number and NPN of both rows with the producers.",
        ),
        entry(
            "ONBOARD-E013",
            Scope.ROWS,
            "Email address of another row",
            "Row {twin} of the file has this email address too, with another NPN.",
            "Give each producer an address of their own.",
        ),
        entry(
            "ONBOARD-E014",
            Scope.ROWS,
            "Another last name in the registry",
            "The registry knows the NPN {npn} by another last name.",
            "Check NPN and last name with the producer.",
        ),
        entry(
            "ONBOARD-E015",
            Scope.ROWS,
            "Another SSN in the registry",
            "The registry knows the NPN {npn} by another Social Security number.",
            "Check NPN and number with the producer.",
        ),
        entry(
            "ONBOARD-E016",
            Scope.ROWS,
            "Not ready any more",
            "This producer has been onboarded, or is no longer ready to be.",
            "Open the file's page, and see there how the producer stands.",
        ),
        entry(
            "ONBOARD-E017",
            Scope.ROWS,
            "An agency",
            "NPN {npn} is {name}, an agency. Only persons are onboarded.",
            "Add it on the page Agencies, by Add agency.",
        ),
        entry(
            "ONBOARD-E018",
            Scope.ROWS,
            "Being onboarded alone",
            "{name}, NPN {npn}, is being onboarded one by one.",
            "Finish that, or discard it, under In onboarding on Manage Producers; then reprocess the row.",
        ),
        entry(
            "ONBOARD-W001",
            Scope.ROWS,
            "Known in other states",
            "Nobody has the license {value} in {state}, but other states know the number.",
            "Choose the producer, if it is one of these; otherwise check number and state.",
        ),
        entry(
            "ONBOARD-I001",
            Scope.ROWS,
            "Onboarded again",
            "{name}, NPN {npn}, was removed from the organization before, and is onboarded again.",
            "Nothing. The history of the time before stays.",
        ),
    )
)
