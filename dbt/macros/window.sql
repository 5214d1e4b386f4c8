{#
  The window of a build: the vars `window_from` and `window_to`, inclusive dates (YYYY-MM-DD). With neither, a
  build is about all of history. The vars are read when a model runs, never when the project is parsed, so one
  parsed project serves any number of windows.
#}

{# none, or {first_day, day_after} as ISO dates. #}
{% macro build_window() %}
    {%- set first = var('window_from', none) -%}
    {%- set last = var('window_to', none) -%}
    {%- if first is none and last is none -%}{{ return(none) }}{%- endif -%}
    {%- if first is none or last is none -%}
        {{ exceptions.raise_compiler_error(
            "window_from is " ~ first ~ " and window_to is " ~ last ~ ": give both (inclusive dates) or neither"
        ) }}
    {%- endif -%}
    {%- set first_day = window_date('window_from', first) -%}
    {%- set last_day = window_date('window_to', last) -%}
    {%- if first_day > last_day -%}
        {{ exceptions.raise_compiler_error(
            "window_from " ~ first ~ " is after window_to " ~ last ~ ": swap them"
        ) }}
    {%- endif -%}
    {%- set day_after = last_day + modules.datetime.timedelta(days=1) -%}
    {{ return({'first_day': first_day.isoformat(), 'day_after': day_after.isoformat()}) }}
{% endmacro %}

{% macro window_date(name, value) %}
    {%- if not modules.re.fullmatch('\\d{4}-\\d{2}-\\d{2}', value | string) -%}
        {{ exceptions.raise_compiler_error(name ~ " is '" ~ value ~ "': write it as YYYY-MM-DD") }}
    {%- endif -%}
    {{ return(modules.datetime.date.fromisoformat(value | string)) }}
{% endmacro %}

{#
  The condition "column lies in the window", `true` without one. The end is the day after, exclusive, so that the
  last microsecond of the last day is in. `type` is the column's type: timestamp (UTC) or timestamptz.
#}
{% macro in_window(column, type='timestamp') -%}
    {%- set window = build_window() -%}
    {%- set zone = '+00' if type == 'timestamptz' else '' -%}
    {%- if window is none -%}
        true
    {%- else -%}
        {{ column }} >= cast('{{ window.first_day }} 00:00:00{{ zone }}' as {{ type }})
        and {{ column }} < cast('{{ window.day_after }} 00:00:00{{ zone }}' as {{ type }})
    {%- endif -%}
{%- endmacro %}
