from __future__ import annotations

from django.urls import path

from muster.console.transactions import batches, detail, views

urlpatterns = [
    path("", views.transaction_list, name="transaction-list"),
    path("<int:number>/", detail.detail, name="transaction-detail"),
    path("<int:number>/do/", detail.do, name="transaction-do"),
    path("<int:number>/payer/", detail.payer, name="transaction-payer"),
    path("<int:number>/first-business/", detail.first_business, name="transaction-first-business"),
    path("batches/", batches.batch_list, name="batch-list"),
    path("batches/act/", batches.act, name="batch-act"),
    path("batches/<int:number>/", batches.batch_detail, name="batch-detail"),
    path("batches/<int:number>/do/", batches.do, name="batch-do"),
]
