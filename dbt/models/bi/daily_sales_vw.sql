with

session_totals as (
    select * from {{ ref('int_session_totals') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

-- Grouped by buyer first: both engines count groups faster than distinct keys. A session has one buyer and one start
-- (tests/session_has_one_buyer.sql), so its rows are sessions.
by_buyer as (
    select
        user_key,
        date_key,
        currency,
        count(*) as sessions,
        sum(items_sold) as items_sold,
        sum(total_sales) as sales,
        sum(likes) as likes
    from session_totals
    group by user_key, date_key, currency
),

by_day as (
    select
        dates.calendar_date as session_date,
        dates.month as session_month,
        dates.year as session_year,
        cast(sum(by_buyer.sales) as decimal(18, 2)) as total_sales,
        by_buyer.currency,
        cast(sum(by_buyer.items_sold) as bigint) as items_sold,
        cast(sum(by_buyer.sessions) as bigint) as sessions,
        count(*) as buyers,
        cast(sum(by_buyer.likes) as bigint) as likes
    from by_buyer
    inner join dates
        on by_buyer.date_key = dates.date_key
    group by dates.calendar_date, dates.month, dates.year, by_buyer.currency
),

final as (
    select
        session_date,
        session_month,
        session_year,
        total_sales,
        currency,
        items_sold,
        sessions,
        buyers,
        likes,
        {{ money_per('total_sales', 'sessions') }} as order_value
    from by_day
)

select * from final
