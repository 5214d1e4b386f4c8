with

source as (
    select * from {{ source('ops', 'rule_outcomes') }}
),

renamed as (
    select
        -- ids
        cast(run_id as varchar(64)) as run_id,
        cast(table_name as varchar(64)) as table_name,
        window_from,
        window_to,
        cast(rule as varchar(1024)) as rule,

        -- rule outcome
        cast(lower(outcome) as varchar(16)) as outcome,
        cast(nullif(reason, '') as varchar(1024)) as reason,

        -- timestamps
        {{ utc('evaluated_at') }} as evaluated_at
    from source
)

select * from renamed
