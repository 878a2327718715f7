"""What a browser's window says of things that failed while a test used it."""

from __future__ import annotations

from playwright.sync_api import ConsoleMessage, Page

GIVEN_UP = ("htmx:afterRequest", "htmx:sendAbort")
"""What is said of a request that the next one has taken the place of, or that a new page has ended."""


def errors_of(page: Page) -> list[str]:
    """The errors of scripts and refusals of the security policy, from now on; the list grows."""
    said: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(GIVEN_UP):
            said.append(message.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said
