"""Numbers and times in words: `{{ 4812|counted:"row,rows" }}` is "4,812 rows"."""

from __future__ import annotations

from django import template

from muster.core.counting import counted, in_words, noun

register = template.Library()
register.filter(counted)
register.filter(noun)
register.filter(in_words)
