from __future__ import annotations

from django.urls import path

from muster.console.scorecards import views

urlpatterns = [path("", views.scorecard_list, name="scorecard-list")]
