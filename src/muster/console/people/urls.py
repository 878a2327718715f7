from __future__ import annotations

from django.urls import path

from muster.console.people import views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("account/", views.account, name="account"),
    path("organization/", views.switch_organization, name="switch-organization"),
]
