from __future__ import annotations

from django.urls import path

from muster.console.maps import views

urlpatterns = [path("us-<slug:named>.svg", views.us_map, name="us-map")]
