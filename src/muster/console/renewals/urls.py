from __future__ import annotations

from django.urls import path

from muster.console.renewals import views

urlpatterns = [
    path("", views.renewal_list, name="renewal-list"),
    path("candidates.csv", views.renewal_export, name="renewal-export"),
    path("terminate/", views.renewal_terminate, name="renewal-terminate"),
]
