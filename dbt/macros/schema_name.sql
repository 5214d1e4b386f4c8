{# The schemas are exactly `staging`, `gold` and `bi` on every target: dashboards and publish name them. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
