{{ config(
    materialized='incremental',
    incremental_strategy='replace_window',
    event_time='session_date',
    on_schema_change='fail'
) }}

with

silver as (
    select * from {{ ref('stg_silver__sessions') }}
    {% if is_incremental() %}
        where {{ in_window('session_instant', 'timestamptz') }}
    {% endif %}
),

quarantine as (
    select * from {{ ref('stg_silver__quarantine') }}
    where
        table_name = 'sessions'
        {% if is_incremental() %}
            and {{ in_window('ingest_on') }}
        {% endif %}
),

gold as (
    select * from {{ ref('fact_session') }}
    {% if is_incremental() %}
        where {{ in_window('session_start_time') }}
    {% endif %}
),

counted as (
    select
        cast(session_start_time as date) as session_date,
        'silver' as layer,
        count(*) as row_count
    from silver
    group by cast(session_start_time as date)

    union all

    select
        ingest_on as session_date,
        'quarantine' as layer,
        count(*) as row_count
    from quarantine
    group by ingest_on

    union all

    select
        cast(session_start_time as date) as session_date,
        'gold' as layer,
        count(*) as row_count
    from gold
    group by cast(session_start_time as date)
),

final as (
    select
        session_date,
        cast(layer as varchar(16)) as layer,
        row_count
    from counted
)

select * from final
