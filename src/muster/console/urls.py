"""The staff pages, a list a page area."""

from __future__ import annotations

from importlib.util import find_spec

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("muster.console.home.urls")),
    path("", include("muster.console.people.urls")),
    path("", include("muster.console.activity.urls")),
]
for area in ("producers", "agencies", "imports", "mail"):
    if find_spec(f"muster.console.{area}") and find_spec(f"muster.console.{area}.urls"):
        urlpatterns.append(path(f"{area}/", include(f"muster.console.{area}.urls")))
