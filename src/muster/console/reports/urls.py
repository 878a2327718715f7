from __future__ import annotations

from django.urls import path

from muster.console.reports import asking, keeping, mailing, taking, views

urlpatterns = [
    path("", views.report_list, name="report-list"),
    path("new/", views.report_new, name="report-new"),
    path("shipped/<slug:slug>/", views.shipped, name="report-shipped"),
    path("<int:report_id>/", views.report, name="report"),
    path("<int:report_id>/keep/", keeping.keep, name="report-keep"),
    path("<int:report_id>/settings/", keeping.change, name="report-settings"),
    path("<int:report_id>/delete/", keeping.delete, name="report-delete"),
    path("<int:report_id>/mail/", mailing.mail, name="report-mail"),
    path("build/<slug:name>/", asking.build, name="report-build"),
    path("build/<slug:name>/count/", asking.count, name="report-count"),
    path("build/<slug:name>/groups/", asking.groups, name="report-groups"),
    path("build/<slug:name>/save/", keeping.save, name="report-save"),
    path("build/<slug:name>/export/<str:file_format>/", taking.export, name="report-export"),
    path("build/<slug:name>/act/", taking.act, name="report-act"),
]
