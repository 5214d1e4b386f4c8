{#
  A silver source as it was in the state that a build is of: the var `silver_readings` has, by table, the SQL that reads
  it, with {relation} where its name belongs (deftunes/states/silver.py). Without the var, as on Redshift, which cannot
  read an external table as of a snapshot, the source as it is.
#}
{% macro in_state(relation) -%}
    {{ var('silver_readings', {}).get(relation.identifier, '{relation}') | replace('{relation}', relation | string) }}
{%- endmacro %}
