{# Fails with each key of the window's rows that `to` has no row for. #}
{% test refers_to(model, column_name, to, field, event_time) %}
    select
        child.{{ column_name }},
        count(*) as times
    from {{ model }} as child
    left join {{ to }} as parent
        on child.{{ column_name }} = parent.{{ field }}
    where
        {{ in_window('child.' ~ event_time) }}
        and parent.{{ field }} is null
    group by child.{{ column_name }}
{% endtest %}
