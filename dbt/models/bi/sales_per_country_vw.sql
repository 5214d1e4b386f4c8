with

session_totals as (
    select * from {{ ref('int_session_totals') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

-- Grouped by buyer first: both engines count groups faster than distinct keys. A session has one buyer and one start
-- (tests/session_has_one_buyer.sql), so its rows are sessions.
by_buyer as (
    select
        session_totals.user_key,
        dates.month as session_month,
        dates.year as session_year,
        session_totals.currency,
        count(*) as sessions,
        sum(session_totals.items_sold) as items_sold,
        sum(session_totals.total_sales) as sales,
        sum(session_totals.likes) as likes
    from session_totals
    inner join dates
        on session_totals.date_key = dates.date_key
    group by session_totals.user_key, dates.month, dates.year, session_totals.currency
),

by_country as (
    select
        by_buyer.session_month,
        by_buyer.session_year,
        users.country_code,
        cast(sum(by_buyer.sales) as decimal(18, 2)) as total_sales,
        by_buyer.currency,
        cast(sum(by_buyer.items_sold) as bigint) as items_sold,
        cast(sum(by_buyer.sessions) as bigint) as sessions,
        count(*) as buyers,
        cast(sum(by_buyer.likes) as bigint) as likes
    from by_buyer
    inner join users
        on by_buyer.user_key = users.user_key
    group by by_buyer.session_month, by_buyer.session_year, users.country_code, by_buyer.currency
),

final as (
    select
        session_month,
        session_year,
        country_code,
        total_sales,
        currency,
        items_sold,
        sessions,
        buyers,
        likes,
        {{ money_per('total_sales', 'sessions') }} as order_value
    from by_country
)

select * from final
