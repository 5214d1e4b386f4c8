"""What one look at a dashboard brings: the answers its charts got, what each of them drew, and pictures."""

import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Browser, Page, Response

PATIENCE_S = 120
TRIES = 3  # containers that come or go elsewhere change the machine's network, and Chromium then drops its requests
# What a chart has drawn, by the kind of thing it draws on: colours of a canvas, countries, rows, a figure.
DRAWN = """holder => {
  const colours = canvas => {
    const pixels = new Uint32Array(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.buffer);
    return new Set(pixels.filter((_, place) => place % 7 === 0)).size;
  };
  const canvases = [...holder.querySelectorAll('canvas')];
  return {
    colours: canvases.reduce((most, canvas) => Math.max(most, colours(canvas)), 0),
    countries: holder.querySelectorAll('path.datamaps-subunit').length,
    rows: holder.querySelectorAll('tbody tr').length,
    figure: holder.querySelector('.header-line')?.innerText ?? '',
    text: holder.innerText,
  };
}"""


@dataclass(frozen=True)
class Chart:
    """answers: rows of each of its queries, as Superset gave them. drawn: what DRAWN finds."""

    answers: list[list[dict[str, Any]]]
    drawn: dict[str, Any]


@dataclass(frozen=True)
class Screenshots:
    """charts: title -> chart. trouble: error boxes and answers that were no success."""

    charts: dict[str, Chart]
    trouble: list[str]
    picture: Path


def look(browser: Browser, url: str, password: str, name: str, pictures: Path) -> Screenshots:
    """The dashboard as the account analyst sees it, once all of its charts have drawn."""
    shutil.rmtree(pictures, ignore_errors=True)
    pictures.mkdir(parents=True)
    # So high that every chart is in sight: those out of it are not asked for.
    with browser.new_context(viewport={"width": 1600, "height": 2600}) as person:
        enter(person.new_page(), url, password)
        for _ in range(TRIES):
            screenshots, was_cut = screenshot_once(person.new_page(), url, name, pictures)
            if not was_cut:
                break
    return screenshots


def enter(page: Page, url: str, password: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("#username", "analyst")
    page.fill("#password", password)
    page.click("button[type=submit]")
    # The page behind is not waited for: a request of it that was cut would hold the sign-in up.
    page.wait_for_url(lambda address: "/login" not in address, timeout=PATIENCE_S * 1000, wait_until="commit")


def screenshot_once(page: Page, url: str, name: str, pictures: Path) -> tuple[Screenshots, bool]:
    """What was seen, and whether the browser itself dropped a request."""
    responses: list[Response] = []
    cut: list[str] = []
    page.on("response", lambda response: responses.append(response))
    page.on("requestfailed", lambda request: cut.append(request.failure or "") if url in request.url else None)
    page.goto(f"{url}/superset/dashboard/{name}/")
    titles = charts_of(page, url, name)
    wait(page, len(titles))
    holders = {title: page.locator(f"[data-test-chart-id='{number}']") for number, title in titles.items()}
    drawn = {title: holder.evaluate(DRAWN) for title, holder in holders.items()}
    for title, holder in holders.items():
        holder.screenshot(path=pictures / f"{title.lower().replace(' ', '_').replace(',', '')}.png")
    picture = pictures.with_suffix(".png")
    height = max(box["y"] + box["height"] for holder in holders.values() if (box := holder.bounding_box())) + 40
    page.screenshot(path=picture, clip={"x": 0, "y": 0, "width": 1600, "height": height})
    answers = answers_of(responses, url)
    charts = {title: Chart(answers.get(number, []), drawn[title]) for number, title in titles.items()}
    trouble = [f"{each.status} {each.url}" for each in responses if each.status >= 400]
    trouble += page.locator("[role=alert], .ant-empty").all_inner_texts()
    return Screenshots(charts, trouble, picture), any("NETWORK_CHANGED" in reason for reason in cut)


def charts_of(page: Page, url: str, name: str) -> dict[int, str]:
    found = page.request.get(f"{url}/api/v1/dashboard/{name}/charts").json()["result"]
    return {chart["id"]: chart["slice_name"] for chart in found}


def wait(page: Page, count: int) -> None:
    """Until every chart is there and none is loading, and the drawing has come to rest."""
    deadline = time.monotonic() + PATIENCE_S
    quiet = 0
    while quiet < 4 and time.monotonic() < deadline:
        there = page.locator("[data-test-chart-id]").count() == count
        busy = page.locator("[data-test='loading-indicator'], .loading").count()
        quiet = quiet + 1 if there and not busy else 0
        page.wait_for_timeout(500)


def answers_of(responses: list[Response], url: str) -> dict[int, list[list[dict[str, Any]]]]:
    """Chart id -> rows of each query of its last answer."""
    found = {}
    for response in responses:
        if not response.ok or not response.url.startswith(url):
            continue
        address = urlsplit(response.url)
        if address.path not in ("/api/v1/chart/data", "/superset/explore_json/"):
            continue
        form = parse_qs(address.query).get("form_data")
        if not form:  # the filters ask too
            continue
        number, body = json.loads(form[0])["slice_id"], response.json()
        if "result" in body:
            found[number] = [query["data"] for query in body["result"]]
        else:  # the world map is of an older make
            found[number] = [body["data"]]
    return found
