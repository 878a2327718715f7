"""The producers' pages, a list a page area."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

from muster.portal import appointments, choosing, documents, home, licenses, privacy, profile

urlpatterns: list[URLPattern | URLResolver] = [
    path("register/", include("muster.portal.registering.urls")),
    path("", home.home, name="portal-home"),
    path("licenses/", licenses.licenses, name="portal-licenses"),
    path("appointments/", appointments.appointments, name="portal-appointments"),
    path("profile/", profile.profile, name="portal-profile"),
    path("profile/contact/", profile.contact, name="portal-profile-contact"),
    path("profile/employment/new/", profile.employment_new, name="portal-profile-employment-new"),
    path("profile/employment/<int:employment_id>/", profile.employment, name="portal-profile-employment"),
    path(
        "profile/employment/<int:employment_id>/delete/",
        profile.employment_delete,
        name="portal-profile-employment-delete",
    ),
    path("profile/background/", profile.background, name="portal-profile-background"),
    path("documents/", documents.documents, name="portal-documents"),
    path("documents/<int:document_id>/", documents.document, name="portal-documents-one"),
    path("documents/<int:document_id>/delete/", documents.delete, name="portal-documents-delete"),
    path("privacy/", privacy.privacy, name="portal-privacy"),
    path("organizations/", choosing.choose, name="portal-organizations"),
]
