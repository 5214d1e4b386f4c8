with

source as (
    select * from {{ source('ops', 'runs') }}
),

renamed as (
    select
        -- ids
        cast(run_id as varchar(64)) as run_id,
        cast(table_name as varchar(64)) as table_name,
        window_from,
        window_to,

        -- figures; what a failed run said stays behind, for it may quote a record
        cast(lower(outcome) as varchar(16)) as outcome,
        landed_records,
        duplicate_records,
        opened_rows,
        silver_rows,
        quarantined_rows,
        is_changed,

        -- timestamps
        {{ utc('started_at') }} as started_at,
        {{ utc('finished_at') }} as finished_at
    from source
    where verb = 'refine'
)

select * from renamed
