{# Fails with each row of the window for which `expression` is not true. #}
{% test holds_in_window(model, expression, event_time) %}
    select *
    from {{ model }}
    where
        {{ in_window(event_time) }}
        and not coalesce({{ expression }}, false)
{% endtest %}
