from __future__ import annotations

from django.urls import path

from muster.console.home import views

urlpatterns = [
    path("", views.home, name="home"),
]
