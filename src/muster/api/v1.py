"""Version 1 of the API: its endpoints under one roof."""

from __future__ import annotations

from ninja import NinjaAPI

from muster.api import (
    appointment_requests,
    authority,
    eligibility,
    first_business,
    operations,
    removals,
    transactions,
)
from muster.api.problems import handle_problems

api = NinjaAPI(
    title="Muster",
    version="1",
    description="Request appointments, follow them, and ask who may sell what. See docs/reference/api.md.",
    urls_namespace="api",
    openapi_url="/openapi.json",
    docs_url=None,
)
handle_problems(api)
api.add_router("/appointment-requests", appointment_requests.router)
api.add_router("/operations", operations.router)
api.add_router("/transactions", transactions.router)
api.add_router("/first-business", first_business.router)
api.add_router("/removals", removals.router)
api.add_router("/eligibility", eligibility.router)
api.add_router("/authority", authority.router)
