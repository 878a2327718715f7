from __future__ import annotations

from django.urls import path

from muster.console.appointing import views

urlpatterns = [path("producers/<str:npn>/appoint/", views.appoint, name="appoint")]
