"""What is known of the registry itself: whether it may be asked just now."""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class RegistryPause(models.Model):
    """Until when nothing is asked of the registry, and why. There is one for all organizations, or none."""

    is_the_one = models.BooleanField(primary_key=True, default=True)
    since = models.DateTimeField()
    until = models.DateTimeField()
    failure = models.CharField(max_length=20)
    reason = models.TextField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(is_the_one=True), name="registry_pause_once")
        ]

    def __str__(self) -> str:
        return self.reason
