{#
  Which days each build replaces, written before it begins: main.built_days of DuckDB's file, one row a build. Publishing
  copies the days of the builds that its file has not seen (deftunes/gold/publish.py). A build of all of silver begins
  the list anew. Redshift publishes by other means, and keeps no list.
#}
{% macro record_built_days() -%}
    {{ return(adapter.dispatch('record_built_days')()) }}
{%- endmacro %}

{% macro default__record_built_days() -%}
{%- endmacro %}

{# The list is for publishing by file, which only DuckDB does (tests/integration/test_gold_publish.py). #}
{% macro duckdb__record_built_days() -%}
    {%- set window = build_window() if execute else none -%}
    {%- if flags.WHICH in ('build', 'run') -%}
        {%- if window is none or flags.FULL_REFRESH -%}
            create or replace table main.built_days (build uuid, number bigint, first_day date, day_after date);
        {%- else -%}
            create table if not exists main.built_days (build uuid, number bigint, first_day date, day_after date);
        {%- endif %}
        insert into main.built_days
        select
            uuid() as build,
            coalesce(max(number), 0) + 1 as number,
            {% if window is none or flags.FULL_REFRESH -%}
                cast(null as date) as first_day, cast(null as date) as day_after
            {%- else -%}
                cast('{{ window.first_day }}' as date) as first_day, cast('{{ window.day_after }}' as date) as day_after
            {%- endif %}
        from main.built_days
    {%- endif -%}
{%- endmacro %}
