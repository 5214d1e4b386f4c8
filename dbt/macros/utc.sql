{#
  A moment as a plain timestamp in UTC. Redshift may show Spark's timestamp with a zone or without one (AWS's pages say
  both); without one it is in UTC, which is the zone of dbt's sessions.
#}
{% macro utc(column) -%}
    {{ return(adapter.dispatch('utc')(column)) }}
{%- endmacro %}

{% macro default__utc(column) -%}
    cast({{ column }} as timestamptz) at time zone 'UTC'
{%- endmacro %}

{#
  DuckDB asks ICU for every row of `at time zone`, a third of the time of the whole fact table; the microseconds since
  1970 are the same moment without the question (test_timestamps_are_utc in tests/unit/dbt).
#}
{% macro duckdb__utc(column) -%}
    make_timestamp(epoch_us({{ column }}))
{%- endmacro %}
