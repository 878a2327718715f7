"""The sprite of the map, which every page with a map shares."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_safe

from muster.maps.shapes import sprite, version

FOR_EVER = "public, max-age=31536000, immutable"


# For everybody: it shows the country, and nothing of anybody.
@require_safe
def us_map(request: HttpRequest, named: str) -> HttpResponse:
    """The shapes of the states; a page of an earlier version is led on to today's."""
    if named != version():
        return redirect("us-map", named=version())
    return HttpResponse(sprite(), content_type="image/svg+xml", headers={"Cache-Control": FOR_EVER})
