from __future__ import annotations

from django.urls import path

from muster.console.reminders import actions, views

urlpatterns = [
    path("", views.reminder_list, name="reminder-list"),
    path("settings/", views.reminder_settings, name="reminder-settings"),
    path("done/", actions.done, name="reminder-done"),
    path("undo/", actions.undo, name="reminder-undo"),
]
