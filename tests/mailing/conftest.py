from __future__ import annotations

from tests.notices.conftest import mail_server

__all__ = ["mail_server"]
