"""Appointments in words."""

from __future__ import annotations

from django import template

from muster.console.appointments.words import risk_words

register = template.Library()
register.filter("risk_words", risk_words)
