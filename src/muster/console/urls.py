"""The staff pages, a list a page area."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from muster.console.mailing.opting_out import opt_out

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("muster.console.home.urls")),
    path("", include("muster.console.people.urls")),
    path("", include("muster.console.activity.urls")),
    path("", include("muster.console.appointing.urls")),
    path("lists/", include("muster.console.lists.urls")),
    path("producers/onboarding/", include("muster.console.onboarding.urls")),
    path("producers/", include("muster.console.producers.urls")),
    path("contacts/", include("muster.console.contacts.urls")),
    path("portals/", include("muster.console.portals.urls")),
    path("agencies/", include("muster.console.agencies.urls")),
    path("companies/", include("muster.console.carriers.urls")),
    path("licenses/", include("muster.console.licenses.urls")),
    path("appointments/", include("muster.console.appointments.urls")),
    path("renewals/", include("muster.console.renewals.urls")),
    path("transactions/", include("muster.console.transactions.urls")),
    path("operations/", include("muster.console.operations.urls")),
    path("scorecards/", include("muster.console.scorecards.urls")),
    path("state-rules/", include("muster.console.rules.urls")),
    path("reports/", include("muster.console.reports.urls")),
    path("changes/", include("muster.console.changes.urls")),
    path("imports/", include("muster.console.imports.urls")),
    path("territories/", include("muster.console.territories.urls")),
    path("reminders/", include("muster.console.reminders.urls")),
    path("registry/", include("muster.console.registry.urls")),
    path("mail/opt-out/<str:token>/", opt_out, name="mail-opt-out"),
    path("mailings/", include("muster.console.mailing.urls")),
    path("mail/", include("muster.console.mail.urls")),
    path("webhooks/", include("muster.console.webhooks.urls")),
    path("notices/", include("muster.console.notices.urls")),
    path("maps/", include("muster.console.maps.urls")),
    path("people/api-tokens/", include("muster.console.tokens.urls")),
]
