from __future__ import annotations

from django.urls import path

from muster.console.mail import views

urlpatterns = [
    path("", views.newest, name="mail-list"),
    path("<int:email_id>/", views.detail, name="mail-detail"),
    path("<int:email_id>/body/", views.body, name="mail-body"),
    path("<int:email_id>/send-again/", views.send_again, name="mail-send-again"),
]
