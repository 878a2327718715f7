"""What all tests share: a PostgreSQL of their own, a browser, and a wall around loopback."""

from __future__ import annotations

import atexit
import ipaddress
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django
import hypothesis
import pytest
from django.conf import settings

from muster.config.database import django_databases, owner_url

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

REPOSITORY = Path(__file__).parent.parent
PICTURES = REPOSITORY / "test-results"
BROWSER_PATIENCE = 60_000
"""Milliseconds in which a page does what it is asked to; a busy machine is not a fault."""

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# Before Django reads its settings. The workers of one run inherit the folder, and so share one server.
os.environ["DJANGO_SETTINGS_MODULE"] = "muster.config.settings"
if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["MUSTER_HOME"] = tempfile.mkdtemp(prefix="muster-tests-")
    # Every pytest of this machine closes the usual folder to others when it begins; a PostgreSQL that another
    # one runs in it, under an account of its own, would lose its files.
    os.environ["PYTEST_DEBUG_TEMPROOT"] = os.environ["MUSTER_HOME"]
    atexit.register(shutil.rmtree, os.environ["MUSTER_HOME"], ignore_errors=True)
HOME = Path(os.environ["MUSTER_HOME"])


# A slow machine is not a fault; on the machine that decides, a run can be repeated.
hypothesis.settings.register_profile(
    "muster",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
    derandomize="CI" in os.environ,
)
hypothesis.settings.load_profile("muster")


def pytest_configure() -> None:
    from tests.emptying import empty_only_what_holds_rows

    # Here, and not by pytest-django's own option, which would read the settings before this file is.
    django.setup()
    # Tests make and drop databases, which the role that Muster runs as may not.
    settings.DATABASES["default"].update(django_databases(owner_url(HOME))["default"])
    # Tests make hundreds of people; the hash of production takes a third of a second for each, on purpose.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Else each client of a test looks through a thousand files of icons and scripts before its first request.
    settings.WHITENOISE_AUTOREFRESH = True
    empty_only_what_holds_rows()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # What takes minutes begins first, so that no process waits alone for it at the end.
    items.sort(key=lambda item: "/year/" not in str(item.path))


@pytest.fixture(scope="session", autouse=True)
def only_loopback() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect, connect_ex = socket.socket.connect, socket.socket.connect_ex

    def refuse_others(family: int, address: Any) -> None:
        if family == socket.AF_UNIX:
            return
        host = address[0]
        if host != "localhost" and not ipaddress.ip_address(host.split("%")[0]).is_loopback:
            raise AssertionError(f"a test tried to reach {host}; tests stay on this machine")

    def guarded_connect(self: socket.socket, address: Any) -> None:
        refuse_others(self.family, address)
        connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        refuse_others(self.family, address)
        return connect_ex(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded_connect)
        patch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
        yield


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a real PostgreSQL: DATABASE_URL, else an embedded one that lives as long as the run."""
    from muster.cli.postgres import ensure_database, leave_database

    yield ensure_database(HOME, durable=False)
    leave_database(HOME)


@pytest.fixture(scope="session")
def django_db_modify_db_settings(postgres: str, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Have the server up before Django makes its test database, as a copy of one that is up to date."""
    from tests.ready_made import template_database

    settings.DATABASES["default"].setdefault("TEST", {})["TEMPLATE"] = template_database()


# For a module, not for the run: while it is open, no test of this process could call asyncio.run().
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window, as installed on this machine."""
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=BROWSER_PATIENCE)
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM_NAMES)), None)
    assert found, "no Chromium found: install it (Debian: apt-get install chromium), or set CHROMIUM"
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        chromium = playwright.chromium.launch(executable_path=found, args=CHROMIUM_ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A fresh browser window at desktop size; a failed test leaves a picture in test-results/."""
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.set_default_timeout(BROWSER_PATIENCE)
    window = context.new_page()
    yield window
    if request.node.stash.get(FAILED, False):
        PICTURES.mkdir(exist_ok=True)
        window.screenshot(path=PICTURES / f"{request.node.name}.png", full_page=True)
    context.close()


FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    report = yield
    if report.when == "call":
        item.stash[FAILED] = report.failed
    return report
