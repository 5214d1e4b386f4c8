with

facts as (
    select * from {{ ref('fact_session') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

-- Grouped by session, then by buyer: both engines count groups faster than distinct keys. A session has one buyer and
-- one start (tests/session_has_one_buyer.sql).
by_session as (
    select
        facts.session_id,
        facts.user_key,
        facts.date_key,
        facts.currency,
        count(*) as items_sold,
        sum(facts.price) as sales,
        sum(case when facts.liked then 1 else 0 end) as likes
    from facts
    group by facts.session_id, facts.user_key, facts.date_key, facts.currency
),

by_buyer as (
    select
        by_session.user_key,
        dates.month as session_month,
        dates.year as session_year,
        by_session.currency,
        count(*) as sessions,
        sum(by_session.items_sold) as items_sold,
        sum(by_session.sales) as sales,
        sum(by_session.likes) as likes
    from by_session
    inner join dates
        on by_session.date_key = dates.date_key
    group by by_session.user_key, dates.month, dates.year, by_session.currency
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
