{# Seconds between two moments, with their fractions. #}
{% macro seconds_between(first, last) -%}
    {{ return(adapter.dispatch('seconds_between')(first, last)) }}
{%- endmacro %}

{#
  Redshift's extract(epoch from a timestamp) is a whole number and would lose the tenths
  (test_duration_counts_tenths_over_midnight in refinements_vw.yml).
#}
{% macro default__seconds_between(first, last) -%}
    datediff(microsecond, {{ first }}, {{ last }}) / 1000000.0
{%- endmacro %}

{# DuckDB's datediff wants its unit as text; its extract has the fractions. #}
{% macro duckdb__seconds_between(first, last) -%}
    extract(epoch from {{ last }}) - extract(epoch from {{ first }})
{%- endmacro %}
