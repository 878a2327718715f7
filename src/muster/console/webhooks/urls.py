from __future__ import annotations

from django.urls import path

from muster.console.webhooks import actions, views

urlpatterns = [
    path("", views.endpoints, name="webhook-list"),
    path("new/", views.new, name="webhook-new"),
    path("<int:endpoint_id>/", views.endpoint_page, name="webhook"),
    path("<int:endpoint_id>/change/", views.change, name="webhook-change"),
    path("<int:endpoint_id>/rotate/", actions.rotate, name="webhook-rotate"),
    path("<int:endpoint_id>/delete/", actions.delete, name="webhook-delete"),
    path("<int:endpoint_id>/on/", actions.on, name="webhook-on"),
    path("<int:endpoint_id>/off/", actions.off, name="webhook-off"),
    path("<int:endpoint_id>/test/", actions.test, name="webhook-test"),
    path("<int:endpoint_id>/again/", actions.again, name="webhook-again"),
    path("deliveries/<int:delivery_id>/", views.delivery_page, name="webhook-delivery"),
    path("deliveries/<int:delivery_id>/again/", actions.one_again, name="webhook-delivery-again"),
]
