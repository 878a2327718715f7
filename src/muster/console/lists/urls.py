from __future__ import annotations

from django.urls import path

from muster.console.lists import views

urlpatterns = [
    path("<slug:name>/act/", views.act, name="list-act"),
    path("<slug:name>/groups/", views.groups, name="list-groups"),
    path("<slug:name>/export/", views.export, name="list-export"),
    path("<slug:name>/filter/", views.add_filter, name="list-filter"),
    path("<slug:name>/columns/", views.choose_columns, name="list-columns"),
    path("<slug:name>/views/", views.view_save, name="list-view-save"),
    path("<slug:name>/views/<int:view_id>/delete/", views.view_delete, name="list-view-delete"),
    path("<slug:name>/views/<int:view_id>/default/", views.view_default, name="list-view-default"),
]
