{#
  Fails with each combination of `columns` in more than one row. Where `event_time` names a column, those of the
  window are looked for in all rows: a key that a day of the window shares with any other day is found.
#}
{% test unique_together(model, columns, event_time=none) %}
    select
        {{ columns | join(', ') }},
        count(*) as times
    from {{ model }}
    where
        ({{ columns | join(', ') }}) in (
            select {{ columns | join(', ') }}
            from {{ model }}
            where {{ in_window(event_time) if event_time else 'true' }}
        )
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
