-- Fails with each model about operations, and the key in it, that has more than one row. A run may refine a window
-- twice: a task of Airflow that is tried again keeps its run_id.
with

keys as (
    {% for model, columns in [
        (ref('layer_rows_vw'), ['session_date', 'layer']),
        (ref('quarantine_vw'), ['ingest_on', 'table_name', 'reason']),
        (ref('refinements_vw'), ['table_name', 'started_at']),
        (ref('rule_outcomes_vw'), ['table_name', 'evaluated_at', 'rule'])
    ] %}
        select
            '{{ model.identifier }}' as model,
            {% for column in columns -%}
                cast({{ column }} as varchar(1024)){% if not loop.last %} || ' ' || {% endif %}
            {%- endfor %} as row_key
        from {{ model }}
        {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    model,
    row_key,
    count(*) as times
from keys
group by model, row_key
having count(*) > 1
