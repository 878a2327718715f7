from __future__ import annotations

from django.urls import path

from muster.console.mailing import templates, views

urlpatterns = [
    path("", views.mailing_list, name="mailing-list"),
    path("templates/", templates.template_list, name="mail-template-list"),
    path("templates/new/", templates.new, name="mail-template-new"),
    path("templates/<int:template_id>/", templates.template, name="mail-template"),
    path("templates/<int:template_id>/delete/", templates.delete, name="mail-template-delete"),
    path("<uuid:operation_id>/", views.mailing, name="mailing-detail"),
]
