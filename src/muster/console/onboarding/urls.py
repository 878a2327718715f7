from __future__ import annotations

from django.urls import path

from muster.console.onboarding import bulk, steps, views

urlpatterns = [
    path("", views.drafts, name="draft-list"),
    path("new/", views.new, name="onboard-producer"),
    path("bulk/", bulk.bulk, name="bulk-onboard"),
    path("bulk/columns/", bulk.columns, name="bulk-onboard-columns"),
    path("bulk/<uuid:operation_id>/", bulk.file, name="bulk-onboard-file"),
    path("bulk/<uuid:operation_id>/retrieving/", bulk.file_progress, name="bulk-onboard-retrieving"),
    path("bulk/<uuid:operation_id>/reprocess/", bulk.reprocess_failed, name="bulk-onboard-reprocess"),
    path("bulk/<uuid:operation_id>/payment/", bulk.payment, name="bulk-onboard-payment"),
    path("bulk/<uuid:operation_id>/<int:draft_id>/mend/", bulk.mend_row, name="bulk-onboard-mend"),
    path("bulk/<uuid:operation_id>/<int:draft_id>/leave/", bulk.leave_row_out, name="bulk-onboard-leave"),
    path(
        "bulk/<uuid:operation_id>/<int:draft_id>/payment/",
        bulk.payment_of_row,
        name="bulk-onboard-payment-row",
    ),
    path(
        "bulk/<uuid:operation_id>/onboarding/<uuid:onboarding_id>/",
        bulk.onboarding,
        name="bulk-onboard-progress",
    ),
    path("<int:draft_id>/", views.draft, name="draft"),
    path("<int:draft_id>/look-up/", views.look_up, name="draft-look-up"),
    path("<int:draft_id>/discard/", views.discard_draft, name="draft-discard"),
    path("<int:draft_id>/details/", steps.details, name="draft-details"),
    path("<int:draft_id>/states/", steps.choose_states, name="draft-states"),
    path("<int:draft_id>/cost/", steps.cost, name="draft-cost"),
    path("<int:draft_id>/review/", steps.review, name="draft-review"),
    path("<int:draft_id>/done/", steps.done, name="draft-done"),
]
