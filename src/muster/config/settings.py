"""Settings of the site; what an operator may change comes from the environment (docs/operate/settings.md)."""

from __future__ import annotations

import os
from datetime import time
from decimal import Decimal
from email.utils import parseaddr
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from muster.config.database import database_url, django_databases
from muster.config.errors import CannotDoIt
from muster.config.secrets import load_secrets
from muster.core.networks import read_networks


def _flag(name: str, default: bool) -> bool:
    return os.environ.get(name, "1" if default else "0").strip().lower() in {"1", "true", "yes", "on"}


PACKAGE = Path(__file__).resolve().parent.parent
REPOSITORY = PACKAGE.parent.parent

MUSTER_HOME = Path(os.environ.get("MUSTER_HOME", "var")).resolve()
MUSTER_SECRETS = load_secrets(MUSTER_HOME)
MUSTER_SITE_URL = os.environ.get("MUSTER_SITE_URL", "http://localhost:8000").rstrip("/")
MUSTER_DEMO = _flag("MUSTER_DEMO", False)

SECRET_KEY = MUSTER_SECRETS.django_secret_key
DEBUG = _flag("MUSTER_DEBUG", False)
ALLOWED_HOSTS = [
    host.strip()
    for host in os.environ.get("MUSTER_ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]").split(",")
    if host.strip()
]
CSRF_TRUSTED_ORIGINS = [MUSTER_SITE_URL]
_SECURE = MUSTER_SITE_URL.startswith("https://")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "django_htmx",
    "procrastinate.contrib.django",
    "muster.access",
    "muster.audit",
    "muster.history",
    "muster.bulk",
    "muster.producers",
    "muster.licenses",
    "muster.carriers",
    "muster.assignments",
    "muster.appointments",
    "muster.scorecards",
    "muster.transactions",
    "muster.registry",
    "muster.portals",
    "muster.profiles",
    "muster.offboarding",
    "muster.onboarding",
    "muster.imports",
    "muster.reports",
    "muster.notices",
    "muster.mailing",
    "muster.webhooks",
    "muster.console",
    "muster.portal",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "muster.api.problems.JsonErrorsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "muster.imports.size_limit.UploadSizeMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "muster.config.requests.NoNulMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "muster.access.middleware.MemberMiddleware",
]

ROOT_URLCONF = "muster.config.urls"
WSGI_APPLICATION = "muster.config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "console" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "muster.console.shell.context",
            ],
        },
    },
]

DATABASES = django_databases(database_url(MUSTER_HOME))
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Rate limits must count for all web processes together, so the cache is the database too.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "django_cache",
        # Django drops a third of all entries beyond this number; a limit must not be shaken off that way.
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

AUTH_USER_MODEL = "access.User"
# The email address is unique whatever its case, by a constraint that this check does not see.
SILENCED_SYSTEM_CHECKS = ["auth.W004"]
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_ADAPTER = "muster.console.people.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = None
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_RATE_LIMITS = {
    "login": "30/m/ip",
    "login_failed": "10/m/ip,5/5m/key",
    "reset_password": "20/m/ip,5/m/key",
    "reauthenticate": "10/m/user",
    # A class of new hires may sit behind one address, and each opens three pages.
    "portal_register": "120/m/ip",
}
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Muster"

# Single sign-on by OpenID Connect (docs/operate/single-sign-on.md): offered where an issuer is named.
MUSTER_SSO_DOMAINS = os.environ.get("MUSTER_SSO_DOMAINS", "").lower().replace(",", " ").split()
_SSO_ISSUER = os.environ.get("MUSTER_SSO_ISSUER", "").rstrip("/")
_SSO: dict[str, Any] = {
    "provider_id": "sso",
    "name": os.environ.get("MUSTER_SSO_NAME", "your organization’s log-in"),
    "client_id": os.environ.get("MUSTER_SSO_CLIENT_ID", ""),
    "secret": os.environ.get("MUSTER_SSO_CLIENT_SECRET", ""),
    "settings": {"server_url": _SSO_ISSUER},
}
if _SSO_ISSUER and not (_SSO["client_id"] and _SSO["secret"]):
    raise CannotDoIt(
        "MUSTER_SSO_ISSUER is set, but not MUSTER_SSO_CLIENT_ID and MUSTER_SSO_CLIENT_SECRET: "
        "set both to what the issuer gave you, or none of the three."
    )
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {"OAUTH_PKCE_ENABLED": True, "APPS": [_SSO] if _SSO_ISSUER else []}
}
SOCIALACCOUNT_ADAPTER = "muster.console.people.single_sign_on.SingleSignOnAdapter"
# A form may lead to this site only, by our Content-Security-Policy; so a link begins it.
SOCIALACCOUNT_LOGIN_ON_GET = True

SESSION_COOKIE_SECURE = _SECURE
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = _SECURE
SECURE_HSTS_SECONDS = 31_536_000 if _SECURE else 0
SECURE_SSL_REDIRECT = False
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if _flag("MUSTER_BEHIND_PROXY", False) else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("MUSTER_BEHIND_PROXY", False) else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "style-src": ["'self'", "'unsafe-inline'"],
        "script-src": ["'self'"],
        "font-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        "base-uri": ["'self'"],
        "object-src": ["'none'"],
    }
}

LANGUAGE_CODE = "en-us"
USE_I18N = False
USE_TZ = True
TIME_ZONE = os.environ.get("MUSTER_TIME_ZONE", "America/New_York")
USE_THOUSAND_SEPARATOR = True

STATIC_URL = "/static/"
_MODULES = REPOSITORY / "node_modules"
MUSTER_STATE_SHAPES = _MODULES / "us-atlas" / "states-albers-10m.json"
STATICFILES_DIRS = [
    (prefix, folder)
    for prefix, folder in [
        ("tabler", _MODULES / "@tabler" / "core" / "dist"),
        ("icons", _MODULES / "@tabler" / "icons-webfont" / "dist"),
        ("htmx", _MODULES / "htmx.org" / "dist"),
    ]
    if folder.is_dir()
]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

# Limits of an upload (docs/reference/upload-files.md). The reader tells them as sentences.
MUSTER_UPLOAD_LIMITS = {
    "csv_bytes": int(os.environ.get("MUSTER_CSV_BYTES", 256 * 1024 * 1024)),
    "csv_rows": int(os.environ.get("MUSTER_CSV_ROWS", 1_000_000)),
    "xlsx_bytes": int(os.environ.get("MUSTER_XLSX_BYTES", 32 * 1024 * 1024)),
    "xlsx_unzipped": int(os.environ.get("MUSTER_XLSX_UNZIPPED_BYTES", 300 * 1024 * 1024)),
    "xlsx_rows": int(os.environ.get("MUSTER_XLSX_ROWS", 250_000)),
    "xlsx_cells": int(os.environ.get("MUSTER_XLSX_CELLS", 3_000_000)),
    "columns": int(os.environ.get("MUSTER_UPLOAD_COLUMNS", 200)),
}
MUSTER_ROW_RETENTION_DAYS = int(os.environ.get("MUSTER_ROW_RETENTION_DAYS", 90))
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_HANDLERS = ["muster.imports.size_limit.UnnamedFileHandler"]
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = os.environ.get("MUSTER_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("MUSTER_SMTP_PORT", 25))
EMAIL_HOST_USER = os.environ.get("MUSTER_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("MUSTER_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("MUSTER_SMTP_STARTTLS", False)
EMAIL_USE_SSL = _flag("MUSTER_SMTP_TLS", False)
if EMAIL_USE_TLS and EMAIL_USE_SSL:
    raise CannotDoIt(
        "MUSTER_SMTP_STARTTLS and MUSTER_SMTP_TLS exclude each other: "
        "set only the first for port 587, only the second for port 465."
    )
# A server that scans a mail answers late; one that is given up too early may send it all the same.
EMAIL_TIMEOUT = 60
MUSTER_SMTP_CONNECTIONS = int(os.environ.get("MUSTER_SMTP_CONNECTIONS", 4))
MUSTER_SMTP_PER_SECOND = float(os.environ.get("MUSTER_SMTP_PER_SECOND", 0))
DEFAULT_FROM_EMAIL = os.environ.get("MUSTER_MAIL_FROM", "Muster <muster@localhost>")

# The registry: the sandbox unless MUSTER_REGISTRY_URL names another (docs/operate/settings.md).
MUSTER_REGISTRY: dict[str, Any] = {
    "url": os.environ.get("MUSTER_REGISTRY_URL", "http://127.0.0.1:8901/pdb-xml-reports"),
    "user": os.environ.get("MUSTER_REGISTRY_USER", MUSTER_SECRETS.sandbox_user),
    "password": os.environ.get("MUSTER_REGISTRY_PASSWORD", MUSTER_SECRETS.sandbox_password),
    "concurrency": int(os.environ.get("MUSTER_REGISTRY_CONCURRENCY", 16)),
    "connect_seconds": float(os.environ.get("MUSTER_REGISTRY_CONNECT_SECONDS", 5)),
    "read_seconds": float(os.environ.get("MUSTER_REGISTRY_READ_SECONDS", 20)),
    "attempts": int(os.environ.get("MUSTER_REGISTRY_ATTEMPTS", 5)),
    "first_wait_seconds": float(os.environ.get("MUSTER_REGISTRY_FIRST_WAIT_SECONDS", 15)),
    "longest_wait_seconds": float(os.environ.get("MUSTER_REGISTRY_LONGEST_WAIT_SECONDS", 900)),
}

# The gateway, with which filings are filed (docs/explanation/exactly-once.md); the account is the registry's,
# or one of its own. A registry of the operator's own has its gateway elsewhere; until then, filings wait.
_SANDBOX_GATEWAY = "http://127.0.0.1:8901/gateway/v1"
_GATEWAY_DEFAULT = "" if "MUSTER_REGISTRY_URL" in os.environ else _SANDBOX_GATEWAY
MUSTER_GATEWAY: dict[str, Any] = {
    "url": os.environ.get("MUSTER_GATEWAY_URL", _GATEWAY_DEFAULT),
    "adapter": os.environ.get("MUSTER_GATEWAY_ADAPTER", "muster.registry.gateway.client.from_settings"),
    "user": os.environ.get("MUSTER_GATEWAY_USER", MUSTER_REGISTRY["user"]),
    "password": os.environ.get("MUSTER_GATEWAY_PASSWORD", MUSTER_REGISTRY["password"]),
    "concurrency": int(os.environ.get("MUSTER_GATEWAY_CONCURRENCY", 16)),
    "connect_seconds": float(os.environ.get("MUSTER_GATEWAY_CONNECT_SECONDS", 5)),
    "read_seconds": float(os.environ.get("MUSTER_GATEWAY_READ_SECONDS", 20)),
    "first_wait_seconds": float(os.environ.get("MUSTER_GATEWAY_FIRST_WAIT_SECONDS", 15)),
    "longest_wait_seconds": float(os.environ.get("MUSTER_GATEWAY_LONGEST_WAIT_SECONDS", 900)),
}

# The time of the day, in TIME_ZONE, from which reminders are made and mailed.
try:
    MUSTER_REMINDERS_TIME = time.fromisoformat(os.environ.get("MUSTER_REMINDERS_TIME", "07:00"))
except ValueError:
    raise CannotDoIt("MUSTER_REMINDERS_TIME is not a time of the day: write it as 07:00 or 16:30.") from None

# The daily alerts (docs/explanation/daily-alerts.md); the account is the registry's, or one of their own.
# A registry of the operator's own has its alerts elsewhere; until they are named, there are none.
_SANDBOX_ALERTS = "http://127.0.0.1:8901/pdb-alerts-industry-services/services/industry-ws"
_ALERTS_DEFAULT = "" if "MUSTER_REGISTRY_URL" in os.environ else _SANDBOX_ALERTS
try:
    MUSTER_ALERTS: dict[str, Any] = {
        "url": os.environ.get("MUSTER_ALERTS_URL", _ALERTS_DEFAULT),
        "user": os.environ.get("MUSTER_ALERTS_USER", MUSTER_REGISTRY["user"]),
        "password": os.environ.get("MUSTER_ALERTS_PASSWORD", MUSTER_REGISTRY["password"]),
        "read_seconds": float(os.environ.get("MUSTER_ALERTS_READ_SECONDS", 120)),
        "subscription": os.environ.get("MUSTER_ALERTS_SUBSCRIPTION", "Muster"),
        "email": os.environ.get("MUSTER_ALERTS_EMAIL", parseaddr(DEFAULT_FROM_EMAIL)[1]),
        "time": time.fromisoformat(os.environ.get("MUSTER_ALERTS_TIME", "10:15")),
        "zone": ZoneInfo(os.environ.get("MUSTER_ALERTS_TIME_ZONE", "America/Chicago")),
        "monthly_price": Decimal(price) if (price := os.environ.get("MUSTER_ALERTS_MONTHLY_PRICE")) else None,
    }
except (ValueError, ArithmeticError, ZoneInfoNotFoundError):
    raise CannotDoIt(
        "The settings of the daily alerts cannot be read: MUSTER_ALERTS_TIME is a time as 10:15,"
        " MUSTER_ALERTS_TIME_ZONE a zone as America/Chicago, MUSTER_ALERTS_MONTHLY_PRICE dollars as 0.15."
    ) from None

# Networks of one's own that webhooks may call, also without TLS (docs/howto/webhooks.md).
try:
    MUSTER_WEBHOOKS_PRIVATE = read_networks(os.environ.get("MUSTER_WEBHOOKS_PRIVATE", ""))
except ValueError:
    raise CannotDoIt(
        "MUSTER_WEBHOOKS_PRIVATE is not a list of networks: write it as 10.20.0.0/16,192.168.7.5."
    ) from None

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "filters": {
        "refusals": {"()": "muster.config.log_lines.OneLineForRefusals"},
        "secrets": {"()": "muster.config.log_lines.NoSecretPaths"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["refusals", "secrets"],
        }
    },
    "root": {"handlers": ["console"], "level": os.environ.get("MUSTER_LOG_LEVEL", "INFO")},
    # httpx logs each URL it calls, and an NPN may stand in one.
    "loggers": {
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "procrastinate.periodic": {"level": "WARNING"},
        "procrastinate.blueprints": {"level": "WARNING"},
    },
}
