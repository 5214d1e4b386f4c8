with

quarantine as (
    select * from {{ ref('stg_silver__quarantine') }}
),

final as (
    select
        ingest_on,
        table_name,
        reason,
        count(*) as row_count
    from quarantine
    group by ingest_on, table_name, reason
)

select * from final
