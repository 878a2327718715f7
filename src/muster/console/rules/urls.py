from __future__ import annotations

from django.urls import path

from muster.console.rules import actions, views

urlpatterns = [
    path("", views.state_list, name="state-rule-list"),
    path("own/<int:override_id>/end/", actions.end, name="state-rule-end"),
    path("<slug:code>/", views.state_rules, name="state-rules"),
    path("<slug:code>/<slug:topic>/<slug:key>/", actions.override, name="state-rule-override"),
]
