"""The outcome of a run: totals per layer and the two questions everybody asks first."""

from collections.abc import Callable, Sequence
from typing import Any

from deftunes.run.runner import Progress
from spark_jobs.silver import TABLES

Ask = Callable[[str], tuple[list[str], Sequence[Sequence[Any]]]]

# Layer, table, where it stands, and the expression of the money in it.
COUNTED = (
    *(
        ("silver", table.name, f"lake.deftunes_silver.{table.name}", f"sum({table.amount})" if table.amount else "null")
        for table in reversed(TABLES.values())
    ),
    *(("quarantine", name, f"lake.deftunes_silver.quarantine_{name}", "null") for name in reversed(TABLES)),
    ("gold", "fact_session", "gold.fact_session", "sum(price)"),
    ("bi", "sales_per_country_vw", "bi.sales_per_country_vw", "sum(total_sales)"),
    ("bi", "sales_per_artist_vw", "bi.sales_per_artist_vw", "sum(total_sales)"),
)
TOTALS = " union all ".join(
    f"select '{layer}' as layer, '{name}' as table_name, count(*) as rows, {sales} as sales from {address}"  # noqa: S608  names of ours
    for layer, name, address, sales in COUNTED
)
BY_COUNTRY = """
select country_code || ' ' || currency, cast(sum(total_sales) as double precision) as sales
from bi.sales_per_country_vw group by country_code, currency order by sales desc, 1 limit 8
"""
BY_ARTIST = """
select artist_name || ' ' || currency, cast(sum(total_sales) as double precision) as sales
from bi.sales_per_artist_vw group by artist_name, currency order by sales desc, 1 limit 8
"""


def outcome(ask: Ask, windows: list[list[Progress]]) -> dict[str, Any]:
    """What `--json` prints and the screen draws: steps of each window, totals per layer, sales.

    `ask` gives column names and rows of a question to gold, bi and the lake.
    """
    names, totals = ask(TOTALS)
    _, countries = ask(BY_COUNTRY)
    _, artists = ask(BY_ARTIST)
    return {
        "steps": [[_step(each) for each in window] for window in windows],
        "totals": [dict(zip(names, row, strict=True)) for row in totals],
        "sales_by_country": countries,
        "top_artists": artists,
    }


def _step(each: Progress) -> dict[str, Any]:
    return {"step": each.step.name, "state": each.state, "seconds": round(each.seconds, 3), **each.summary}
