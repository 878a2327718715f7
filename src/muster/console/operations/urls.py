from __future__ import annotations

from django.urls import path

from muster.console.operations import downloads, mailing, views

urlpatterns = [
    path("<uuid:operation_id>/", views.detail, name="operation-detail"),
    path("<uuid:operation_id>/progress/", views.progress, name="operation-progress"),
    path("<uuid:operation_id>/do/", views.do, name="operation-do"),
    path("<uuid:operation_id>/cancel/", views.cancel, name="operation-cancel"),
    path("<uuid:operation_id>/undo/", views.undo, name="operation-undo"),
    path("<uuid:operation_id>/terminate-first/", views.terminate_first, name="operation-terminate-first"),
    path("<uuid:operation_id>/send-test/", mailing.send_test, name="operation-send-test"),
    path("<uuid:operation_id>/check-again/", views.check_again, name="operation-check-again"),
    path("<uuid:operation_id>/results.csv", downloads.results, name="operation-results"),
]
