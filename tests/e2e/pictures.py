"""Looking at a page as people do, at both widths, light and dark."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.conftest import PICTURES
from tests.e2e.test_onboarding import DESK, PHONE

SETTLED = """async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const moving = () => document.getAnimations().filter(one => one instanceof CSSTransition);
    await frame();
    await frame();
    while (moving().length) {
        await Promise.allSettled(moving().map(one => one.finished));
        await frame();
    }
}"""


def look(page: Page, name: str, *, area: str) -> None:
    """Take pictures of the page; nothing may be out of reach for anybody, at either width."""
    PICTURES.mkdir(exist_ok=True)
    before = page.viewport_size
    for width, size in (("desktop", DESK), ("phone", PHONE)):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        found = Axe().run(page)
        assert found.violations_count == 0, f"{name} {width}: {found.generate_report()}"
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            # Colors fade into those of the other scheme; what is half-way is not what people read.
            page.evaluate(SETTLED)
            page.screenshot(path=PICTURES / f"{area}-{name}-{width}-{scheme}.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} at {width}"
    page.set_viewport_size(before)  # type: ignore[arg-type]
