"""Mails as readers see them: Chromium at a phone's and a desk's width, light and dark; accessibility by axe."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from scheduler.mails.compose import instant_mail
from scheduler.mails.message import Mail
from tests.mail_samples import DESK, EN, QUIET, TEAM, ZH, edition, heavy, hostile, told
from tests.test_db_desk_browser import chromium, reading

pytestmark = pytest.mark.slow

__all__ = ["chromium"]  # a fixture of another module


def mails() -> Iterator[tuple[str, Mail]]:
    for reader in (ZH, EN):
        yield f"{reader.language}-heavy", edition(reader, heavy())
        yield f"{reader.language}-quiet", edition(reader, [], QUIET)
        yield f"{reader.language}-hostile", edition(reader, hostile())
        yield f"{reader.language}-instant", instant_mail(reader, [told()], TEAM, desk_url=DESK)


MAILS = dict(mails())


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_fits_its_screen_and_is_readable(chromium: Browser, name: str, tmp_path: Path) -> None:
    page_file = tmp_path / "mail.html"
    page_file.write_text(MAILS[name].html, encoding="utf-8")
    shots = os.environ.get("MASTHEAD_SHOTS")  # a folder: pictures to look at
    for width in (360, 700):
        for dark in (False, True):
            with reading(chromium, width=width, dark=dark) as (page, complaints):
                page.goto(page_file.as_uri())
                if shots:
                    page.screenshot(path=f"{shots}/{name}-{width}-{'dark' if dark else 'light'}.png", full_page=True)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, "wider than the screen"
                found = [
                    (violation["id"], violation["nodes"][0]["html"][:200])
                    for violation in Axe().run(page).response["violations"]
                    if violation["impact"] in ("serious", "critical")
                ]
                assert found == []
                assert complaints == []
