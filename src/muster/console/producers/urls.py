from __future__ import annotations

from django.urls import path

from muster.console.licenses import applying
from muster.console.producers import actions, views

urlpatterns = [
    path("", views.producer_list, name="producer-list"),
    path("id/<int:producer_id>/", views.by_id, name="producer-by-id"),
    path("<str:npn>/", views.detail, name="producer-detail"),
    path("<str:npn>/sync/", views.sync, name="producer-sync"),
    path("<str:npn>/resync/", actions.resync_one, name="producer-resync"),
    path("<str:npn>/terminate/", actions.terminate, name="producer-terminate"),
    path("<str:npn>/remove/", actions.remove, name="producer-remove"),
    path("<str:npn>/keep/", actions.keep, name="producer-keep"),
    path("<str:npn>/invite/", actions.invite, name="producer-invite"),
    path("<str:npn>/renew/", actions.renew, name="producer-renew"),
    path("<str:npn>/payment/", actions.payment, name="producer-payment"),
    path("<str:npn>/opt-out/", actions.opt_out, name="producer-opt-out"),
    path("<str:npn>/apply/", applying.apply, name="producer-apply"),
    path("<str:npn>/documents/<int:document_id>/", actions.document, name="producer-document"),
    path("<str:npn>/ssn/", actions.ssn, name="producer-ssn"),
]
