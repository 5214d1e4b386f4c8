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

-- A session of two currencies counts once. Grouped by session, then by buyer: both engines count groups faster than
-- distinct keys. A session has one buyer and one start (tests/session_has_one_buyer.sql).
by_session as (
    select
        session_id,
        user_key,
        date_key,
        sum(items_sold) as items_sold,
        sum(likes) as likes
    from session_totals
    group by session_id, user_key, date_key
),

by_buyer as (
    select
        by_session.user_key,
        dates.month as session_month,
        dates.year as session_year,
        dates.month_start,
        count(*) as sessions,
        sum(by_session.items_sold) as items_sold,
        sum(by_session.likes) as likes
    from by_session
    inner join dates
        on by_session.date_key = dates.date_key
    group by by_session.user_key, dates.month, dates.year, dates.month_start
),

bought as (
    select
        by_buyer.session_month,
        by_buyer.session_year,
        by_buyer.month_start,
        users.country_code,
        count(*) as active_users,
        sum(by_buyer.sessions) as sessions,
        sum(by_buyer.items_sold) as items_sold,
        sum(by_buyer.likes) as likes,
        0 as new_users
    from by_buyer
    inner join users
        on by_buyer.user_key = users.user_key
    group by by_buyer.session_month, by_buyer.session_year, by_buyer.month_start, users.country_code
),

registered as (
    select
        cast(extract(month from user_since) as integer) as session_month,
        cast(extract(year from user_since) as integer) as session_year,
        cast(date_trunc('month', user_since) as date) as month_start,
        country_code,
        0 as active_users,
        0 as sessions,
        0 as items_sold,
        0 as likes,
        count(*) as new_users
    from users
    where user_since is not null
    group by
        cast(extract(month from user_since) as integer),
        cast(extract(year from user_since) as integer),
        cast(date_trunc('month', user_since) as date),
        country_code
),

-- A month of a country may have buyers and no new users, or the other way round.
activity as (
    select * from bought
    union all
    select * from registered
),

final as (
    select
        session_month,
        session_year,
        country_code,
        cast(sum(active_users) as bigint) as active_users,
        cast(sum(new_users) as bigint) as new_users,
        cast(sum(sessions) as bigint) as sessions,
        cast(sum(items_sold) as bigint) as items_sold,
        cast(sum(likes) as bigint) as likes,
        month_start
    from activity
    group by session_month, session_year, month_start, country_code
)

select * from final
