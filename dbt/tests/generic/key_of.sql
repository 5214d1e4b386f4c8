{#
  Fails with each key in more than one row, and the natural ids it stands for: a member is there twice, or two ids have
  one key (macros/keys.sql).
#}
{% test key_of(model, column_name, natural_id) %}
    select
        {{ column_name }},
        min({{ natural_id }}) as first_id,
        max({{ natural_id }}) as last_id,
        count(*) as times
    from {{ model }}
    group by {{ column_name }}
    having count(*) > 1
{% endtest %}
