from __future__ import annotations

from django.urls import path

from muster.console.tokens import views

urlpatterns = [
    path("", views.tokens, name="api-tokens"),
    path("new/", views.new, name="api-token-new"),
    path("<int:token_id>/revoke/", views.revoke, name="api-token-revoke"),
]
