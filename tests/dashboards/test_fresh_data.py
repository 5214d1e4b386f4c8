"""What is published shows at the next question, in a server that goes on running; starting again changes nothing."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml

from deftunes.dashboards.export import export
from deftunes.gold.publish import Models, publish
from deftunes.services import lifecycle
from tests.dashboards.conftest import Shown, started
from tests.dashboards.test_access import question

SOLD = """
insert into gold.fact_session
select * replace (md5(session_id) as session_id{}) from gold.fact_session
"""


@pytest.fixture
def warehouse(shown: Shown) -> Iterator[Path]:
    """A copy of the warehouse to tamper with; what was served before is served again afterwards."""
    before = shown.serving.read_bytes()
    path = shown.serving.with_name("warehouse.duckdb")
    path.write_bytes((shown.place.root / "var/warehouse/warehouse.duckdb").read_bytes())
    yield path
    path.unlink()
    again = shown.serving.with_suffix(".again")
    again.write_bytes(before)
    again.replace(shown.serving)


def sell(warehouse: Path, where: str, change: str = "") -> None:
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(f"{SOLD.format(change)} where {where}")


def answer(shown: Shown, **changes: Any) -> Any:
    admin = shown.people["admin"]
    response = admin.post("/api/v1/chart/data", json=question(shown, **changes)).raise_for_status()
    [row] = response.json()["result"][0]["data"]
    [value] = row.values()
    return value


def pid(shown: Shown) -> int | None:
    return next(each.pid for each in lifecycle.status(shown.place.root) if each.name == "superset")


def test_published_item_shows_without_a_restart(shown: Shown, warehouse: Path) -> None:
    before, server = answer(shown), pid(shown)
    sell(warehouse, "item_number = 1")
    new = shown.rows("select count(*) from gold.fact_session where item_number = 1")[0][0]
    publish(warehouse, shown.serving, Models())
    assert answer(shown) == before + new
    assert pid(shown) == server


def test_money_of_two_currencies_is_never_added(shown: Shown, warehouse: Path) -> None:
    euros = shown.rows("select sum(price) from gold.fact_session where item_number = 2")[0][0]
    dollars = answer(shown, metric="total_sales")
    sell(warehouse, "item_number = 2", ", 'EUR' as currency")
    publish(warehouse, shown.serving, Models())
    assert answer(shown, metric="total_sales") is None
    assert answer(shown, metric="order_value") is None
    for currency, amount in (("EUR", euros), ("USD", dollars)):
        only = [{"col": "currency", "op": "IN", "val": [currency]}]
        assert answer(shown, metric="total_sales", filters=only) == pytest.approx(float(amount), abs=0.001)


def test_asking_for_dashboards_again_returns_those_that_run(shown: Shown) -> None:
    server = pid(shown)
    assert started(shown.place) == shown
    assert pid(shown) == server


def test_assets_imported_again_are_the_same(shown: Shown) -> None:
    before, server = assets(shown), pid(shown)
    chart = shown.place.root / "superset/assets/charts/revenue.yaml"
    chart.write_text(chart.read_text().replace("slice_name: Revenue\n", "slice_name: Turnover\n"))
    assert started(shown.place) == shown
    assert pid(shown) != server
    assert assets(shown) == [["Turnover" if name == "Revenue" else name, number] for name, number in before]
    chart.write_text(chart.read_text().replace("slice_name: Turnover\n", "slice_name: Revenue\n"))
    assert started(shown.place) == shown
    assert assets(shown) == before


def assets(shown: Shown) -> list[list[Any]]:
    """Name and number of every chart and dashboard."""
    admin = shown.people["admin"]
    charts = admin.get("/api/v1/chart/?q=(page_size:100)").raise_for_status().json()["result"]
    dashboards = admin.get("/api/v1/dashboard/").raise_for_status().json()["result"]
    found = [[chart["slice_name"], chart["id"]] for chart in charts]
    found += [[dashboard["dashboard_title"], dashboard["id"]] for dashboard in dashboards]
    return sorted(found, key=lambda each: (each[0] in ("DeFtunes sales", "Operations"), each[1]))


def test_export_writes_what_was_changed_and_nothing_else(shown: Shown) -> None:
    folder = shown.place.root / "superset/assets"
    assert export(folder, shown.url, shown.accounts["admin"]) == []
    admin = shown.people["admin"]
    number = next(number for name, number in assets(shown) if name == "Orders")
    renamed = admin.put(f"/api/v1/chart/{number}", json={"slice_name": "Baskets"})
    assert renamed.status_code == 200
    before = (folder / "charts/orders.yaml").read_text()
    assert export(folder, shown.url, shown.accounts["admin"]) == [folder / "charts/orders.yaml"]
    exported = yaml.safe_load((folder / "charts/orders.yaml").read_text())
    assert exported == yaml.safe_load(before) | {"slice_name": "Baskets"}
    (folder / "charts/orders.yaml").write_text(before)
    admin.put(f"/api/v1/chart/{number}", json={"slice_name": "Orders"}).raise_for_status()
