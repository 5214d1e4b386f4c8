{#
  The schemas are `staging`, `gold` and `bi`: dashboards and publish name them. On Redshift readers are in the same database, so gold
  and bi are built beside what they see, in `gold_build` and `bi_build` (deftunes/redshift/publish.py); DuckDB's readers have a file
  of their own.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ return(adapter.dispatch('schema_of_layer')((custom_schema_name or target.schema) | trim)) }}
{%- endmacro %}

{% macro default__schema_of_layer(layer) -%}
    {{ return(layer) }}
{%- endmacro %}

{% macro redshift__schema_of_layer(layer) -%}
    {{ return(layer ~ '_build' if layer in ('gold', 'bi') else layer) }}
{%- endmacro %}
