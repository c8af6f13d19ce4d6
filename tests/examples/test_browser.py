"""The page in a real browser."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pymongo
import pytest
from tests.examples.conftest import starting
from tests.support.requirements import missing
from tests.support.servers import Server

pytestmark = pytest.mark.browser

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,1000",
)
WAIT = 20


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A headless Chromium with a profile of its own."""
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        missing("browser", "chromium or chromedriver is not on the PATH")
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('profile')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=Service(driver))
    yield started
    started.quit()


class Page:
    """What a person sees and does on the page."""

    def __init__(self, browser: Any, url: str) -> None:
        self.browser = browser
        browser.get(url)

    def find(self, selector: str) -> Any:
        return self.browser.find_element("css selector", selector)

    def text(self, selector: str) -> str:
        return str(self.find(selector).text)

    def until(self, condition: Any) -> Any:
        """Wait for ``condition`` to hold."""
        from selenium.webdriver.support.wait import WebDriverWait

        return WebDriverWait(self.browser, WAIT).until(lambda _: condition())

    def cards(self) -> list[str]:
        found = self.browser.find_elements("css selector", ".card .where")
        return [one.text for one in found]

    def choose(self, selector: str, text: str) -> None:
        from selenium.webdriver.support.select import Select

        Select(self.find(selector)).select_by_visible_text(text)

    def errors(self) -> list[Any]:
        log = self.browser.get_log("browser")
        return [one for one in log if one["level"] == "SEVERE"]


@pytest.fixture(scope="module")
def url(engine: Server) -> Iterator[str]:
    """A started application with 400 stays in it."""
    with starting() as start:
        running = start(
            "-m",
            "examples.stays",
            MONGODB_URI=engine.uri,
            MONGODB_DB="browser",
            STAYS_COUNT="400",
        )
        yield running.url
    with pymongo.MongoClient(engine.uri) as client:
        client.drop_database("browser")


@pytest.fixture
def page(url: str, browser: Any) -> Page:
    """The page, with all its stays."""
    page = Page(browser, url)
    page.until(lambda: "400 stays" in page.text("#count"))
    return page


def test_search_narrows_the_cards(page: Page) -> None:
    """Choosing a city shows its stays and no others, and the count goes down."""
    before = page.text("#count")
    page.choose("#city", "Porto")
    page.until(lambda: page.text("#count") not in (before, ""))

    assert 0 < int(page.text("#count strong").split()[0]) < 400
    assert all("Porto" in where for where in page.cards())
    assert not page.errors()


def test_words_in_the_name(page: Page) -> None:
    """A search by words shows stays with these words in their names."""
    page.find("#text").send_keys("garden")
    page.find("#go").click()
    page.until(lambda: "400 stays" not in page.text("#count"))
    names = page.browser.find_elements("css selector", ".card .name")

    assert names
    assert all("garden" in one.text for one in names)


def test_nothing_found_says_so(page: Page) -> None:
    """A search that finds nothing says so instead of showing an empty page."""
    page.find("#text").send_keys("no such words <b>")
    page.find("#go").click()
    page.until(lambda: page.text("#count").startswith("0 stays"))

    assert "Nothing fits" in page.text("#results")


def test_stay_opens_and_closes(page: Page) -> None:
    """A card opens the stay with its price and amenities, and Escape closes it."""
    name = page.text(".card .name")
    page.find(".card").click()
    page.until(lambda: page.text("#stay-body h2") == name)

    assert "A NIGHT" in page.text("#stay-body .facts").upper()
    assert page.browser.find_elements("css selector", "#stay-body .tags li")

    page.find("#stay .close").click()
    page.until(lambda: not page.find("#stay").is_displayed())


def test_live_figures(page: Page) -> None:
    """The header shows the pool's figures and times, and they change by themselves."""
    page.until(lambda: page.text("#state") == "ok")
    page.until(lambda: page.text("#median").endswith("ms"))
    first = page.text("#ping")

    assert page.text("#lane") == "direct"
    assert "open, max 100" in page.text("#pool")
    assert first.endswith("ms")
    page.until(lambda: page.text("#ping") != first)


def test_pages_turn(page: Page) -> None:
    """The next page has other stays, and one can go back."""
    first = page.text("#results")
    page.find("#next").click()
    page.until(lambda: page.text("#page").startswith("Page 2"))

    assert page.text("#results") != first
    assert page.find("#back").is_enabled()


def test_no_foreign_requests(page: Page) -> None:
    """The page needs nothing from any other host."""
    loaded = page.browser.execute_script(
        "return performance.getEntriesByType('resource').map(one => one.name)"
    )
    host = page.browser.current_url.split("/")[2]

    assert loaded
    assert all(one.split("/")[2] == host for one in loaded)
