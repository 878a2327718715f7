from __future__ import annotations

from django.urls import path

from muster.console.contacts import views

urlpatterns = [path("", views.contact_list, name="contact-list")]
