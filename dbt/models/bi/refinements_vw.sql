with

runs as (
    select * from {{ ref('stg_ops__runs') }}
),

final as (
    select
        run_id,
        table_name,
        window_from,
        window_to,
        outcome,
        landed_records,
        duplicate_records,
        opened_rows,
        silver_rows,
        quarantined_rows,
        is_changed,
        started_at,
        finished_at,
        cast({{ seconds_between('started_at', 'finished_at') }} as decimal(12, 1)) as duration_s
    from runs
)

select * from final
