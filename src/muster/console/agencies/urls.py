from __future__ import annotations

from django.urls import path

from muster.console.agencies import views

urlpatterns = [
    path("", views.agency_list, name="agency-list"),
    path("new/", views.new, name="agency-new"),
    path("<int:agency_id>/", views.detail, name="agency-detail"),
]
