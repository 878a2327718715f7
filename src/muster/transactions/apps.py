from __future__ import annotations

from django.apps import AppConfig


class TransactionsConfig(AppConfig):
    name = "muster.transactions"
    label = "transactions"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.transactions import catalogue  # noqa: F401
        from muster.transactions.actions.batches import BATCH_KINDS
        from muster.transactions.actions.endings import TerminateAppointments
        from muster.transactions.actions.renewals import RenewLicenses
        from muster.transactions.actions.transactions import TRANSACTION_KINDS

        for kind in (*TRANSACTION_KINDS.values(), *BATCH_KINDS.values()):
            register(kind())
        register(TerminateAppointments())
        register(RenewLicenses())
