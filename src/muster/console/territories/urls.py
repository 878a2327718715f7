from __future__ import annotations

from django.urls import path

from muster.console.territories import views

urlpatterns = [
    path("", views.territory_list, name="territory-list"),
    path("new/", views.new, name="territory-new"),
    path("<int:territory_id>/", views.territory, name="territory"),
    path("<int:territory_id>/delete/", views.delete, name="territory-delete"),
]
