from __future__ import annotations

from django.urls import path

from muster.console.portals import seats, views

urlpatterns = [
    path("", views.portal_list, name="portal-list"),
    path("new/", views.new, name="portal-new"),
    path("<int:portal_id>/", views.detail, name="portal-detail"),
    path("<int:portal_id>/edit/", views.edit, name="portal-edit"),
    path("<int:portal_id>/close/", views.close, name="portal-close"),
    path("<int:portal_id>/users/<int:seat_id>/send-again/", seats.send_again, name="portal-send-again"),
    path("<int:portal_id>/users/<int:seat_id>/close/", seats.close, name="portal-close-seat"),
]
