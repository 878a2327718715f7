from __future__ import annotations

from django.urls import path

from muster.console.licenses import ledger, views

urlpatterns = [
    path("", views.license_list, name="license-list"),
    path("fees/", ledger.fee_ledger, name="fee-ledger"),
    path("fees/export/", ledger.fee_ledger_export, name="fee-ledger-export"),
]
