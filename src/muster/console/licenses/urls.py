from __future__ import annotations

from django.urls import path

from muster.console.licenses import views

urlpatterns = [path("", views.license_list, name="license-list")]
