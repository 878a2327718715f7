"""Seeing to it that a command reaches the registry, also where nothing of Muster runs beside it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from muster.cli.lifetime import PARENT

LISTENING = "sandbox listening on "
SECONDS_TO_ANSWER = 5.0
SECONDS_TO_STOP = 10.0


@contextmanager
def registry_at_hand() -> Iterator[bool]:
    """Give whether this process reaches the registry.

    A sandbox registry that does not run is run for as long as this lasts. Where it runs for `muster up` on a
    port of its own, this process does not reach it, but the worker of `muster up` does.
    """
    if "MUSTER_REGISTRY_URL" in os.environ or _sandbox_answers(settings.MUSTER_REGISTRY["url"]):
        yield True
        return
    sandbox = subprocess.Popen(
        [sys.executable, "-m", "muster.cli", "sandbox", "--port", "0"],
        env=os.environ | {PARENT: str(os.getpid())},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    given, alerts, gateway = settings.MUSTER_REGISTRY, settings.MUSTER_ALERTS, settings.MUSTER_GATEWAY
    try:
        assert sandbox.stdout is not None  # noqa: S101
        with sandbox.stdout as output:
            line = output.readline()
            if not line.startswith(LISTENING):
                yield False
                return
            url = line.removeprefix(LISTENING).strip()
            settings.MUSTER_REGISTRY = {**given, "url": f"{url}/pdb-xml-reports"}
            settings.MUSTER_ALERTS = {**alerts, "url": f"{url}{urlsplit(alerts['url']).path}"}
            settings.MUSTER_GATEWAY = {**gateway, "url": f"{url}{urlsplit(gateway['url']).path}"}
            yield True
    finally:
        settings.MUSTER_REGISTRY, settings.MUSTER_ALERTS, settings.MUSTER_GATEWAY = given, alerts, gateway
        sandbox.terminate()
        try:
            sandbox.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            sandbox.kill()
            sandbox.wait()


def _sandbox_answers(url: str) -> bool:
    given = settings.MUSTER_REGISTRY
    try:
        answer = httpx.post(
            f"{url}/entityinfo_xml.cgi",
            auth=(given["user"], given["password"]),
            timeout=SECONDS_TO_ANSWER,
            trust_env=False,
        )
    except httpx.HTTPError:
        return False
    return answer.status_code == httpx.codes.OK and b"<PDB>" in answer.content
