{# Fails with each combination of `columns` in more than one row: of the window, where `event_time` names its column. #}
{% test unique_together(model, columns, event_time=none) %}
    select
        {{ columns | join(', ') }},
        count(*) as times
    from {{ model }}
    where {{ in_window(event_time) if event_time else 'true' }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
