"""The staff pages, a list a page area."""

from __future__ import annotations

from django.urls import path

urlpatterns: list[path] = []
