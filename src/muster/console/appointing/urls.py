from __future__ import annotations

from django.urls import path

from muster.console.appointing import gaps, views

urlpatterns = [
    path("producers/<str:npn>/appoint/", views.appoint, name="appoint"),
    path("scorecards/appoint/", gaps.appoint_gaps, name="scorecard-appoint"),
]
