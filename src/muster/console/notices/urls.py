from __future__ import annotations

from django.urls import path

from muster.console.notices import views

urlpatterns = [
    path("", views.notice_list, name="notice-list"),
    path("bell/", views.bell, name="notice-bell"),
    path("read/", views.read, name="notice-read"),
    path("<int:notice_id>/", views.follow, name="notice"),
    path("<int:notice_id>/unread/", views.unread, name="notice-unread"),
]
