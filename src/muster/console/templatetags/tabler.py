"""Django's forms in the looks of the kit."""

from __future__ import annotations

from django import forms, template
from django.forms import BoundField
from django.utils.safestring import SafeString

register = template.Library()

CLASSES: list[tuple[type[forms.Widget], str]] = [
    (forms.CheckboxInput, "form-check-input"),
    (forms.Select, "form-select"),
    (forms.Widget, "form-control"),
]


@register.filter
def control(field: BoundField) -> SafeString:
    """The field's widget with the kit's class for its kind, marked where the value was refused."""
    widget = field.field.widget
    kit = next(name for kind, name in CLASSES if isinstance(widget, kind))
    own = widget.attrs.get("class", "")
    refused = "is-invalid" if field.errors else ""
    return field.as_widget(attrs={"class": " ".join(filter(None, (kit, own, refused)))})


@register.filter
def focused(field: BoundField) -> BoundField:
    """The field, in which one can type as soon as the page is there."""
    field.field.widget.attrs["autofocus"] = True
    return field


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the label belongs behind the box."""
    return isinstance(field.field.widget, forms.CheckboxInput)


@register.filter
def is_password(field: BoundField) -> bool:
    """Whether the field gets the button that shows what was typed."""
    return isinstance(field.field.widget, forms.PasswordInput)
