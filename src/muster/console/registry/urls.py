from __future__ import annotations

from django.urls import path

from muster.console.registry import views

urlpatterns = [
    path("", views.registry, name="registry"),
    path("fetch/", views.fetch, name="registry-fetch"),
    path("subscription/", views.subscription, name="registry-subscription"),
    path("resync/", views.resync_watched, name="registry-resync"),
]
