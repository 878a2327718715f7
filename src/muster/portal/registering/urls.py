from __future__ import annotations

from django.urls import path

from muster.portal.registering import views

urlpatterns = [
    path("", views.register, name="portal-registration"),
    path("done/", views.done, name="portal-registered"),
    path("<str:token>/", views.follow, name="portal-register"),
]
