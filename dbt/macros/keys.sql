{#
  Surrogate keys are the md5 of the natural id: the same id gives the same key whether the member has been delivered
  or only seen in a sale, so a late user takes over their old sales without touching the fact table.
#}
{% macro member_key(natural_id) -%}
    coalesce(md5({{ natural_id }}), '{{ unknown_key() }}')
{%- endmacro %}

{# The key of each dimension's unknown member. No md5 is all zeros in practice. #}
{% macro unknown_key() -%}
    00000000000000000000000000000000
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
