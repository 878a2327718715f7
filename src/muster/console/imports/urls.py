from __future__ import annotations

from django.urls import path

from muster.console.imports import actions, downloads, fragments, planned, views

urlpatterns = [
    path("", views.history, name="import-list"),
    path("new/", views.new, name="import-new"),
    path("template/<slug:kind>.<slug:file_format>", downloads.template, name="import-template"),
    path("<uuid:operation_id>/", views.detail, name="import-detail"),
    path("<uuid:operation_id>/progress/", fragments.progress, name="import-progress"),
    path("<uuid:operation_id>/findings/", fragments.findings, name="import-findings"),
    path("<uuid:operation_id>/values/", fragments.values, name="import-values"),
    path("<uuid:operation_id>/planned/", planned.planned, name="import-planned"),
    path("<uuid:operation_id>/rows/", fragments.rows, name="import-rows"),
    path("<uuid:operation_id>/sync/", fragments.sync, name="import-sync"),
    path("<uuid:operation_id>/process/", actions.process, name="import-process"),
    path("<uuid:operation_id>/cancel/", actions.cancel, name="import-cancel"),
    path("<uuid:operation_id>/check-again/", actions.check_again, name="import-check-again"),
    path("<uuid:operation_id>/map-value/", actions.map_value, name="import-map-value"),
    path("<uuid:operation_id>/take-suggestions/", actions.take_suggestions, name="import-take-suggestions"),
    path("<uuid:operation_id>/create-agency/", actions.create_agency, name="import-create-agency"),
    path("<uuid:operation_id>/results.csv", downloads.results, name="import-results"),
]
