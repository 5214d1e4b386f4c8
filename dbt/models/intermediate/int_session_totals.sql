{{ config(
    materialized='incremental',
    incremental_strategy='replace_window',
    event_time='session_start_time',
    on_schema_change='fail',
    dist='user_key',
    sort=['session_start_time']
) }}

with

facts as (
    select * from {{ ref('fact_session') }}
    {% if is_incremental() %}
        where {{ in_window('session_start_time') }}
    {% endif %}
),

totals as (
    select
        session_id,
        user_key,
        date_key,
        session_start_time,
        currency,
        count(*) as items_sold,
        cast(sum(price) as decimal(18, 2)) as total_sales,
        cast(sum(case when liked then 1 else 0 end) as bigint) as likes
    from facts
    group by session_id, user_key, date_key, session_start_time, currency
)

select * from totals
