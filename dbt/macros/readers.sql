{#
  Who reads dashboards, on Redshift: REDSHIFT_READERS, user names by comma. They may select from bi and from what
  dashboards slice in gold. DuckDB has no users: there readers get the published file (decisions 0011).
#}
{% macro readers() -%}
    {{ return(env_var('REDSHIFT_READERS', '').split(',') | reject('equalto', '') | list if target.type == 'redshift' else []) }}
{%- endmacro %}

{# The config `grants` of a model that readers see; nothing where there are none. #}
{% macro grants_of_readers() -%}
    {{ return({'select': readers()} if readers() else {}) }}
{%- endmacro %}

{# Run after a model that readers see: a grant on a table is of no use without one on its schema. #}
{% macro let_readers_in(relation) -%}
    {% if readers() %}
        grant usage on schema {{ relation.schema }} to {{ readers() | join(', ') }}
    {% endif %}
{%- endmacro %}
