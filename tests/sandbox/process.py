"""A real sandbox registry, in a process of its own, for any test that needs one.

with sandbox_process(latency_ms=5, faults="timeout=0.1", gateway_faults="dropped=0.05") as sandbox:
    httpx.get(sandbox.entity_info, params={"id_entity": "1000001"}, auth=sandbox.auth)
"""

from __future__ import annotations

import os
import select
import signal
import ssl
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import httpx

SOURCES = Path(__file__).parents[2] / "src"
READY = "sandbox listening on "
PASSWORD = "a test password"
_START_SECONDS = 60
PATIENCE = 60.0
"""Seconds that a busy machine may take for an answer."""


@cache
def _authorities() -> ssl.SSLContext:
    # A client of its own would read them anew, which takes 0.05 s, for each page of control.
    return httpx.create_ssl_context(trust_env=False)


@dataclass(frozen=True)
class SandboxProcess:
    """A running sandbox: `url` has no slash at its end; `home` holds the ledger."""

    url: str
    user: str
    password: str
    home: Path
    process: subprocess.Popen[str]

    @property
    def auth(self) -> tuple[str, str]:
        """User and password, as httpx takes them."""
        return self.user, self.password

    @property
    def entity_info(self) -> str:
        """The address of the entity report service."""
        return f"{self.url}/pdb-xml-reports/entityinfo_xml.cgi"

    @property
    def hit_list(self) -> str:
        """The address of the hit list service."""
        return f"{self.url}/pdb-xml-reports/hitlist_xml.cgi"

    @property
    def gateway(self) -> str:
        """The address of the filing gateway, without a slash at its end."""
        return f"{self.url}/gateway/v1"

    def client(self, **options: Any) -> httpx.Client:
        """Return a client that is logged in; close it, or use it as a context manager."""
        options = {"timeout": PATIENCE, **options}
        return httpx.Client(
            base_url=self.url, auth=self.auth, trust_env=False, verify=_authorities(), **options
        )

    def control(self, path: str, body: dict[str, Any] | None = None, *, method: str = "") -> dict[str, Any]:
        """Call a control page (`faults`, `npn/9000001`, `ledger?npn=...`, `reset`) and return its JSON."""
        with self.client() as client:
            chosen = method or ("GET" if body is None else "POST")
            answer = client.request(chosen, f"/_control/{path}", json=body)
            answer.raise_for_status()
            return dict(answer.json())

    def ledger(self, npn: str | None = None) -> list[dict[str, Any]]:
        """Return the requests in the ledger, oldest first; all or one NPN's."""
        query = "" if npn is None else f"&npn={npn}"
        return list(self.control(f"ledger?limit=10000{query}")["requests"])

    def filings(self, npn: str | None = None) -> list[dict[str, Any]]:
        """Return what the gateway's ledger holds, in the order it came; all filings or one NPN's."""
        query = "" if npn is None else f"&npn={npn}"
        return list(self._pages("gateway/filings", "filings", "number", query))

    def filing_requests(self, key: str | None = None) -> list[dict[str, Any]]:
        """Return the requests to file that the gateway got, oldest first; all or one key's."""
        query = "" if key is None else f"&key={key}"
        return list(self._pages("gateway/requests", "requests", "id", query))

    def _pages(self, path: str, name: str, number: str, query: str) -> Iterator[dict[str, Any]]:
        after = 0
        while found := self.control(f"{path}?limit=10000&after={after}{query}")[name]:
            yield from found
            after = found[-1][number]

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Stop the process if it runs and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(15)
            except subprocess.TimeoutExpired:
                self.process.kill()
        return self.process.wait()


@contextmanager
def sandbox_process(
    *,
    home: Path | None = None,
    port: int = 0,
    user: str = "tester",
    password: str = PASSWORD,
    **options: Any,
) -> Iterator[SandboxProcess]:
    """Start a sandbox and stop it at the end; `timeout_hold=2` is its option `--timeout-hold 2`, and so on.

    Without a `home` the ledger lives in a temporary folder that goes with the process.
    """
    with tempfile.TemporaryDirectory() as folder:
        where = home or Path(folder)
        process = start(
            "--port", str(port), "--home", str(where), *arguments(options), user=user, password=password
        )
        running: SandboxProcess | None = None
        try:
            running = SandboxProcess(_address(process), user, password, where, process)
            yield running
        finally:
            if running is not None:
                running.stop()
            elif process.poll() is None:
                process.kill()
            process.wait()
            for stream in (process.stdout, process.stderr):
                if stream is not None:
                    stream.close()


def start(*given: str, user: str = "tester", password: str = PASSWORD) -> subprocess.Popen[str]:
    """Start the command with these arguments, its output in pipes; the caller stops it."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(SOURCES),
        "MUSTER_SANDBOX_USER": user,
        "MUSTER_SANDBOX_PASSWORD": password,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "muster_sandbox", *given],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def arguments(options: dict[str, Any]) -> list[str]:
    """Return options by name as command line arguments."""
    return [part for name, value in options.items() for part in (f"--{name.replace('_', '-')}", str(value))]


def _address(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    assert process.stderr is not None
    readable, _, _ = select.select([process.stdout], [], [], _START_SECONDS)
    line = process.stdout.readline() if readable else ""
    if not line.startswith(READY):
        process.kill()
        raise RuntimeError(f"the sandbox did not start: {line}{process.stderr.read()}")
    return line.removeprefix(READY).strip()
