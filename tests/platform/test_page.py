"""The landing page in a real browser."""

from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.support.wait import WebDriverWait

if TYPE_CHECKING:
    from tests.platform.conftest import Running

pytestmark = pytest.mark.platform

DESKTOP, PHONE = (1440, 900), (390, 844)


@pytest.fixture(params=[DESKTOP, PHONE], ids=["desktop", "phone"])
def browser(request: pytest.FixtureRequest, platform: "Running") -> Iterator[WebDriver]:
    """Headless Chromium with the landing page open, at the demo's collection."""
    width, height = request.param
    options = webdriver.ChromeOptions()
    options.binary_location = "/usr/bin/chromium"
    for argument in ("--headless=new", "--no-sandbox", f"--window-size={width},{height}"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    if request.param == PHONE:
        metrics = {"width": width, "height": height, "pixelRatio": 2.0}
        options.add_experimental_option("mobileEmulation", {"deviceMetrics": metrics})
    service = webdriver.ChromeService("/usr/bin/chromedriver")
    driver = webdriver.Chrome(options, service)
    driver.get(platform.url("api") + "/#landsat8-itaipu")  # other tests have collections here too
    yield driver
    driver.quit()


def colours(browser: WebDriver) -> int:
    """How many colours the map shows."""
    content = browser.find_element(By.ID, "map").screenshot_as_png
    image = np.asarray(Image.open(BytesIO(content)).convert("RGB"))
    return len(np.unique(image.reshape(-1, 3), axis=0))


def test_the_page_shows_the_collection_on_a_map(browser: WebDriver) -> None:
    wait = WebDriverWait(browser, 30)
    wait.until(lambda b: "Landsat 8 over Itaipu" in b.find_element(By.TAG_NAME, "body").text)
    wait.until(lambda b: colours(b) > 2000)
    text = browser.find_element(By.TAG_NAME, "body").text
    for words in ("LC08_L1TP_224077", "STAC", "WMTS", "QGIS", "Prefect"):
        assert words in text
    width = "return [document.documentElement.scrollWidth, window.innerWidth]"
    content, window = browser.execute_script(width)
    assert content <= window, "the page scrolls sideways"
    messages = browser.get_log("browser")  # type: ignore[attr-defined]
    assert [m for m in messages if m["level"] == "SEVERE"] == []


def test_an_item_opens_with_its_picture_and_its_files(browser: WebDriver) -> None:
    wait = WebDriverWait(browser, 30)
    entry = "//button[contains(., 'LC08_L1TP_224078')]"
    button = wait.until(lambda b: b.find_element(By.XPATH, entry))
    browser.execute_script("arguments[0].click()", button)
    wait.until(lambda b: b.find_elements(By.CSS_SELECTOR, "img[src*='thumbnail.png']"))
    hrefs = [link.get_attribute("href") or "" for link in browser.find_elements(By.TAG_NAME, "a")]
    assert any(href.endswith("/red.tif") for href in hrefs)
    assert any(href.endswith("/iso19139") for href in hrefs)
