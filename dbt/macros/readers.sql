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

{# Once, at the end: a grant on a table is of no use without one on its schema, and two models at once would collide in it. #}
{% macro let_readers_in(built_schemas) -%}
    {% set seen = built_schemas | select('in', ['gold', 'bi']) | sort %}
    {% if readers() and seen %}
        grant usage on schema {{ seen | join(', ') }} to {{ readers() | join(', ') }}
    {% endif %}
{%- endmacro %}
