{#
  An incremental table is built anew, of all of silver, when asked to (--full-refresh), and by itself when its columns
  are not those of its contract: a column was added, renamed, removed or has another type. dbt asks this macro of every
  model, both for what its SQL reads (`is_incremental`) and for how the table is replaced.
#}
{% macro should_full_refresh() %}
    {%- set configured = config.get('full_refresh') -%}
    {%- set is_asked = flags.FULL_REFRESH if configured is none else configured -%}
    {{ return(is_asked or (execute and has_other_columns_than_its_contract())) }}
{% endmacro %}

{% macro has_other_columns_than_its_contract() %}
    {%- if model.config.materialized != 'incremental' -%}{{ return(false) }}{%- endif -%}
    {%- set relation = adapter.get_relation(this.database, this.schema, this.identifier) -%}
    {%- if relation is none -%}{{ return(false) }}{%- endif -%}
    {%- set present, declared = [], [] -%}
    {%- for column in adapter.get_columns_in_relation(relation) -%}
        {%- do present.append(column.name | lower ~ ' ' ~ type_of_column(column.data_type)) -%}
    {%- endfor -%}
    {%- for column in model.columns.values() -%}
        {%- do declared.append(column.name | lower ~ ' ' ~ type_of_column(column.data_type)) -%}
    {%- endfor -%}
    {{ return((present | sort) != (declared | sort)) }}
{% endmacro %}

{# A column's type under one name: warehouses say `character varying` of what a contract calls `varchar`. #}
{% macro type_of_column(data_type) -%}
    {{ return(adapter.dispatch('type_of_column')(data_type)) }}
{%- endmacro %}

{% macro default__type_of_column(data_type) -%}
    {%- set kind = data_type | lower | replace(' without time zone', '') | replace('character varying', 'varchar') -%}
    {{ return(kind | replace('numeric', 'decimal') | replace(' ', '')) }}
{%- endmacro %}

{# DuckDB keeps no length of a text. #}
{% macro duckdb__type_of_column(data_type) -%}
    {%- set kind = default__type_of_column(data_type) -%}
    {{ return('varchar' if kind.startswith('varchar') else kind) }}
{%- endmacro %}
