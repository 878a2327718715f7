"""The client of NIPR's report services: a form is posted, one XML document comes back.

Producers are named in the form, never in the address, so that no log of addresses holds an NPN or SSN.
"""

from __future__ import annotations

from django.conf import settings

from muster.core.report import Hit, Kind, ProducerReport
from muster.registry.nipr.report import parse_hit_list, parse_report
from muster.registry.port import BrokenAnswer, NotFound, OtherLastName
from muster.registry.transport import Account, Service, Transport, account_of

__all__ = ["Account", "NiprRegistry", "from_settings"]

ENTITY_INFO = "entityinfo_xml.cgi"
HIT_LIST = "hitlist_xml.cgi"
REPORT_TYPES: dict[Kind, str] = {"individual": "1", "firm": "0"}

LARGEST_ANSWER = 16 * 1024 * 1024
"""Bytes. A producer licensed everywhere needs a few hundred kilobytes."""


class NiprRegistry(Service):
    """NIPR's Producer Database, or anything that speaks like it. See `muster.registry.port.Registry`."""

    def __init__(self, account: Account) -> None:
        self.transport = Transport(
            account, url_setting="MUSTER_REGISTRY_URL", accept="application/xml, text/xml"
        )
        self.url = account.url.rstrip("/")

    def fetch_report(self, npn: str, kind: Kind) -> ProducerReport:
        """Fetch the full report of one producer, whichever kind it is; `kind` is asked for first.

        Raises RegistryError.
        """
        form = {"report_type": REPORT_TYPES[kind], "id_entity": npn}
        try:
            report = parse_report(self._post(ENTITY_INFO, form))
        except NotFound:
            # An NPN does not show whether it is a person's or a firm's, and a report is of one type.
            form["report_type"] = REPORT_TYPES["firm" if kind == "individual" else "individual"]
            report = parse_report(self._post(ENTITY_INFO, form))
        if report.npn not in ("", npn):
            raise BrokenAnswer("it is about another NPN than the one asked for")
        return report._replace(npn=npn)

    def find(self, *, ssn: str, last_name: str, first_name: str = "") -> list[Hit]:
        """Find persons by SSN and name; nobody found is an empty list. Raises RegistryError."""
        return self._hits({"ssn": ssn, "name_last": last_name, "name_first": first_name})

    def find_by_license(self, *, number: str, state: str = "") -> list[Hit]:
        """Find persons by the number of a license, in one state or in any. Raises RegistryError."""
        return self._hits({"license_num": number, "state": state})

    def _hits(self, form: dict[str, str]) -> list[Hit]:
        try:
            return parse_hit_list(self._post(HIT_LIST, {"report_type": "1", **form}))
        except OtherLastName:
            raise
        except NotFound:
            return []

    def _post(self, script: str, form: dict[str, str]) -> bytes:
        return self.transport.post(f"{self.url}/{script}", data=form, largest=LARGEST_ANSWER).body


def from_settings() -> NiprRegistry:
    """The registry that the settings name."""
    return NiprRegistry(account_of(settings.MUSTER_REGISTRY))
