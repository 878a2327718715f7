from __future__ import annotations

from django.urls import path

from muster.console.appointments import views

urlpatterns = [path("", views.appointment_list, name="appointment-list")]
