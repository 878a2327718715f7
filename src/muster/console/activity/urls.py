from __future__ import annotations

from django.urls import path

from muster.console.activity import views

urlpatterns = [path("activity/", views.activity, name="activity")]
