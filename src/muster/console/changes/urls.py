from __future__ import annotations

from django.urls import path

from muster.console.changes import views

urlpatterns = [
    path("", views.change_list, name="change-list"),
    path("export/", views.change_export, name="change-export"),
]
