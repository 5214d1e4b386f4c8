"""The outcome of a run: totals per layer and the two questions everybody asks first."""

from collections.abc import Callable, Sequence
from typing import Any

from deftunes.run.runner import Progress

Ask = Callable[[str], tuple[list[str], Sequence[Sequence[Any]]]]

TOTALS = """
select 'silver' as layer, 'sessions' as table_name, count(*) as rows, sum(price) as sales
from lake.deftunes_silver.sessions
union all select 'silver', 'users', count(*), null from lake.deftunes_silver.users
union all select 'silver', 'songs', count(*), null from lake.deftunes_silver.songs
union all select 'quarantine', 'sessions', count(*), null from lake.deftunes_silver.quarantine_sessions
union all select 'quarantine', 'users', count(*), null from lake.deftunes_silver.quarantine_users
union all select 'quarantine', 'songs', count(*), null from lake.deftunes_silver.quarantine_songs
union all select 'gold', 'fact_session', count(*), sum(price) from gold.fact_session
union all select 'bi', 'sales_per_country_vw', count(*), sum(total_sales) from bi.sales_per_country_vw
union all select 'bi', 'sales_per_artist_vw', count(*), sum(total_sales) from bi.sales_per_artist_vw
"""
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
