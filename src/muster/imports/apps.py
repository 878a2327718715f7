from __future__ import annotations

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "muster.imports"
    label = "imports"

    def ready(self) -> None:
        from muster.bulk.kinds import register
        from muster.imports import catalogue  # noqa: F401
        from muster.imports.agent import AgentUpload
        from muster.imports.appoint import AppointUpload
        from muster.imports.business_rule import BusinessRuleUpload
        from muster.imports.company import CompanyUpload
        from muster.imports.company_state import CompanyStateUpload
        from muster.imports.producer import ProducerUpload
        from muster.imports.terminate import TerminateUpload

        register(AgentUpload())
        register(ProducerUpload())
        register(AppointUpload())
        register(TerminateUpload())
        register(CompanyUpload())
        register(CompanyStateUpload())
        register(BusinessRuleUpload())
