from __future__ import annotations

from django.urls import path, register_converter

from muster.console.carriers import companies, filing, reasons, rules, states


class CoCodeConverter:
    """Five digits."""

    regex = "[0-9]{5}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(CoCodeConverter, "cocode")

urlpatterns = [
    path("", companies.company_list, name="company-list"),
    path("new/", companies.new, name="company-new"),
    path("<cocode:cocode>/", companies.detail, name="company-detail"),
    path("<cocode:cocode>/edit/", companies.edit, name="company-edit"),
    path("<cocode:cocode>/categories/", companies.categories, name="company-categories"),
    path("<cocode:cocode>/states/", states.save, name="company-states"),
    path("<cocode:cocode>/states/add/", states.add, name="company-states-add"),
    path("<cocode:cocode>/delete/", companies.delete, name="company-delete"),
    path("rules/", rules.rule_list, name="business-rule-list"),
    path("rules/new/", rules.new, name="business-rule-new"),
    path("rules/switch/", rules.switch, name="business-rule-switch"),
    path("rules/starting-set/", rules.starting_set, name="business-rule-starting-set"),
    path("rules/<int:rule_id>/", rules.rule, name="business-rule"),
    path("rules/<int:rule_id>/delete/", rules.delete, name="business-rule-delete"),
    path("filing/", filing.filing_settings, name="filing-settings"),
    path("termination-reasons/", reasons.termination_reasons, name="termination-reasons"),
]
