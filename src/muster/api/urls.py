from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import path, re_path
from django.views.decorators.csrf import csrf_exempt

from muster.api.v1 import api


# It does nothing, whoever has somebody else's browser ask for it.
@csrf_exempt
def nothing(request: HttpRequest) -> HttpResponse:
    """Whatever else is asked for here is not found, with or without a slash at its end."""
    raise Http404


urlpatterns = [
    path("v1/", nothing, name="api-nothing-at-its-root"),
    path("v1/", api.urls),
    re_path("", nothing, name="api-nothing"),
]
