"""Back to files: charts and dashboards, as somebody changed them in Superset, written to superset/assets.

Datasets and the database are written by hand, in dbt's words. What Superset adds on its own (numbers of its own tables,
empty values, what it works out again when it imports) stays behind, so that a difference is somebody's.
"""

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import yaml

CHART = ("slice_name", "description", "viz_type", "params", "dataset_uuid", "uuid", "version")
DASHBOARD = ("dashboard_title", "description", "slug", "certified_by", "certification_details", "published", "position",
             "metadata", "uuid", "version")  # fmt: skip
# Where Superset keeps numbers of its own, and what it works out from the rest.
ITS_OWN = {"datasource", "slice_id", "dashboards", "dashboardId", "chartsInScope", "tabsInScope",
           "chart_configuration", "global_chart_configuration", "default_filters", "color_scheme_domain",
           "map_label_colors", "extra_form_data", "annotation_layers"}  # fmt: skip
TIMEOUT_S = 60


def export(assets: Path, url: str, password: str) -> list[Path]:
    """Write the charts and dashboards that differ from their files; those files. A new one is named by its title."""
    places = {yaml.safe_load(path.read_text())["uuid"]: path for path in assets.glob("*/*.yaml")}
    written = []
    for kind, asset in export_assets(url, password):
        keys = CHART if kind == "charts" else DASHBOARD
        path = places.get(asset["uuid"], assets / kind / file_name(asset))
        new = {key: without_own_fields(asset[key]) for key in keys if asset.get(key) not in (None, "")}
        if not path.exists() or with_charts_by_uuid(yaml.safe_load(path.read_text())) != with_charts_by_uuid(new):
            path.write_text(yaml.safe_dump(new, sort_keys=False, allow_unicode=True, width=120))
            written.append(path)
    return sorted(written)


def export_assets(url: str, password: str) -> Iterator[tuple[str, dict[str, Any]]]:
    """(folder, asset) of every chart and dashboard."""
    account = {"username": "admin", "password": password, "provider": "db", "refresh": False}
    with httpx.Client(base_url=url, timeout=TIMEOUT_S) as admin:
        token = admin.post("/api/v1/security/login", json=account).raise_for_status().json()["access_token"]
        response = admin.get("/api/v1/assets/export/", headers={"Authorization": f"Bearer {token}"}).raise_for_status()
    with zipfile.ZipFile(io.BytesIO(response.content)) as bundle:
        for name in sorted(bundle.namelist()):
            kind = name.split("/")[1]
            if kind in ("charts", "dashboards"):
                yield kind, yaml.safe_load(bundle.read(name))


def without_own_fields(value: Any) -> Any:
    """The value without what is Superset's own, at any depth."""
    if isinstance(value, dict):
        return {key: without_own_fields(each) for key, each in value.items() if key not in ITS_OWN}
    return [without_own_fields(each) for each in value] if isinstance(value, list) else value


def with_charts_by_uuid(asset: dict[str, Any]) -> dict[str, Any]:
    """The asset with charts named by uuid where a dashboard counts them: each database counts in its own way."""
    placed = [each["meta"] for key, each in asset.get("position", {}).items() if key.startswith("CHART-")]
    uuids = {meta["chartId"]: meta["uuid"] for meta in placed}
    text = json.dumps(asset, sort_keys=True)
    for number, uuid in uuids.items():
        text = text.replace(f'"chartId": {number},', f'"chartId": "{uuid}",')
    found: dict[str, Any] = json.loads(text)
    for each in found.get("metadata", {}).get("native_filter_configuration", []):
        each["scope"]["excluded"] = sorted(uuids[number] for number in each["scope"]["excluded"])
    return found


def file_name(asset: dict[str, Any]) -> str:
    title = asset.get("slice_name") or asset["dashboard_title"]
    return "_".join("".join(letter if letter.isalnum() else " " for letter in title.lower()).split()) + ".yaml"
