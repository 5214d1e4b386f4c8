with

outcomes as (
    select * from {{ ref('stg_ops__rule_outcomes') }}
),

latest as (
    select
        table_name,
        max(evaluated_at) as evaluated_at
    from outcomes
    group by table_name
),

final as (
    select
        outcomes.run_id,
        outcomes.table_name,
        outcomes.window_from,
        outcomes.window_to,
        outcomes.rule,
        outcomes.outcome,
        outcomes.reason,
        outcomes.evaluated_at,
        outcomes.evaluated_at = latest.evaluated_at as is_latest
    from outcomes
    inner join latest
        on outcomes.table_name = latest.table_name
)

select * from final
