{# Money per thing, decimal(18,2), half a cent rounds up; null where there are no things. #}
{% macro money_per(total, things) -%}
    {{ return(adapter.dispatch('money_per')(total, things)) }}
{%- endmacro %}

{# Redshift divides a decimal exactly, with many places, and rounds half up. #}
{% macro default__money_per(total, things) -%}
    cast(round({{ total }} / nullif({{ things }}, 0), 2) as decimal(18, 2))
{%- endmacro %}

{#
  DuckDB's / turns decimals into doubles, in which 2.01 / 2 rounds to 1.00 and not 1.01: count cents with whole
  numbers instead (test_average_of_odd_cents in daily_sales_vw.yml).
#}
{% macro duckdb__money_per(total, things) -%}
    cast(
        ((cast({{ total }} * 200 as bigint) + {{ things }}) // nullif(2 * {{ things }}, 0)) * 0.01 as decimal(18, 2)
    )
{%- endmacro %}
