-- Fails with each day and currency of the window in which gold and silver differ by a row or a cent.
with

silver as (
    select * from {{ ref('stg_silver__sessions') }}
    where {{ in_window('session_instant', 'timestamptz') }}
),

gold as (
    select * from {{ ref('fact_session') }}
    where {{ in_window('session_start_time') }}
),

differences as (
    select
        cast(session_start_time as date) as session_date,
        currency,
        count(*) as items,
        sum(price) as sales
    from silver
    group by cast(session_start_time as date), currency

    union all

    select
        cast(session_start_time as date) as session_date,
        currency,
        -count(*) as items,
        -sum(price) as sales
    from gold
    group by cast(session_start_time as date), currency
)

select
    session_date,
    currency,
    sum(items) as items_missing,
    sum(sales) as sales_missing
from differences
group by session_date, currency
having sum(items) <> 0 or sum(sales) <> 0
