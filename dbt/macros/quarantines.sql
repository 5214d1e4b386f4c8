{# Names of the quarantines that are sources: of every silver table one. dbt knows them when it executes, not when it
   parses. #}
{% macro quarantines() %}
    {% set names = [] %}
    {% if execute %}
        {% for each in graph.sources.values() if each.source_name == 'silver' and each.name.startswith('quarantine_') %}
            {% do names.append(each.name) %}
        {% endfor %}
    {% endif %}
    {{ return(names | sort) }}
{% endmacro %}
