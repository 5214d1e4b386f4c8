{#
  A surrogate key is a number made of the natural id alone: the same id gives the same key whether the member has been
  delivered or only seen in a sale, so a late user takes over their old sales without touching the fact table. Two ids
  with one key would be one member twice: tests/generic/key_of.sql looks for them.
#}
{% macro member_key(natural_id) -%}
    coalesce({{ hash_of(natural_id) }}, {{ unknown_key() }})
{%- endmacro %}

{# The key of each dimension's unknown member. #}
{% macro unknown_key() -%}
    0
{%- endmacro %}

{# The first 60 bits of a text's md5, as a bigint that is never negative; null of null. #}
{% macro hash_of(text) -%}
    {{ return(adapter.dispatch('hash_of')(text)) }}
{%- endmacro %}

{% macro default__hash_of(text) -%}
    strtol(left(md5({{ text }}), 15), 16)
{%- endmacro %}

{# DuckDB has no strtol; its cast reads a text of 0x as a number in base 16 (test_keys_are_numbers_of_natural_ids). #}
{% macro duckdb__hash_of(text) -%}
    cast('0x' || left(md5({{ text }}), 15) as bigint)
{%- endmacro %}

{# yyyymmdd as an integer, 0 for no date. #}
{% macro date_key(column) -%}
    cast(coalesce(
        extract(year from {{ column }}) * 10000
        + extract(month from {{ column }}) * 100
        + extract(day from {{ column }}),
        0
    ) as integer)
{%- endmacro %}
