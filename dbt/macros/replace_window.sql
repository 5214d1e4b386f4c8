{#
  Incremental strategy `replace_window`: the window's rows of the target (by the model's `event_time` column) are
  deleted and the model's rows, which cover the same window, inserted, in one transaction. Rows that vanished from
  silver vanish here too, which neither merge nor delete+insert by key would do. Without a window all rows are
  replaced.
#}
{% macro get_incremental_replace_window_sql(arg_dict) %}
    {%- set target_relation = arg_dict['target_relation'] -%}
    {%- set columns = get_quoted_csv(arg_dict['dest_columns'] | map(attribute='name')) -%}

    delete from {{ target_relation }}
    where {{ in_window(config.require('event_time')) }};

    insert into {{ target_relation }} ({{ columns }})
    (
        select {{ columns }}
        from {{ arg_dict['temp_relation'] }}
    )
{% endmacro %}
