from __future__ import annotations

from django.urls import path

from muster.console.people import own_account, views

urlpatterns = [
    path("people/", views.people, name="people"),
    path("people/new/", views.new, name="person-new"),
    path("people/<int:person_id>/", views.person, name="person"),
    path("people/<int:person_id>/deactivate/", views.deactivate, name="person-deactivate"),
    path("people/<int:person_id>/reactivate/", views.reactivate, name="person-reactivate"),
    path("people/<int:person_id>/invite/", views.invite, name="person-invite"),
    path("account/", own_account.account, name="account"),
    path("organization/", own_account.switch_organization, name="switch-organization"),
]
