with

facts as (
    select * from {{ ref('fact_session') }}
),

artists as (
    select * from {{ ref('dim_artists') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

-- Grouped by buyer first: both engines count groups faster than distinct keys.
by_buyer as (
    select
        facts.artist_key,
        facts.user_key,
        dates.year as session_year,
        count(*) as items_sold,
        sum(case when facts.liked then 1 else 0 end) as likes
    from facts
    inner join dates
        on facts.date_key = dates.date_key
    group by facts.artist_key, facts.user_key, dates.year
),

by_country as (
    select
        by_buyer.session_year,
        users.country_code,
        by_buyer.artist_key,
        cast(sum(by_buyer.items_sold) as bigint) as items_sold,
        cast(sum(by_buyer.likes) as bigint) as likes,
        count(*) as buyers
    from by_buyer
    inner join users
        on by_buyer.user_key = users.user_key
    group by by_buyer.session_year, users.country_code, by_buyer.artist_key
),

final as (
    select
        by_country.session_year,
        by_country.country_code,
        artists.artist_name,
        by_country.artist_key,
        by_country.items_sold,
        by_country.likes,
        by_country.buyers
    from by_country
    inner join artists
        on by_country.artist_key = artists.artist_key
)

select * from final
