with

facts as (
    select * from {{ ref('fact_session') }}
),

artists as (
    select * from {{ ref('dim_artists') }}
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
        facts.currency,
        count(*) as items_sold,
        sum(facts.price) as sales,
        sum(case when facts.liked then 1 else 0 end) as likes
    from facts
    inner join dates
        on facts.date_key = dates.date_key
    group by facts.artist_key, facts.user_key, dates.year, facts.currency
),

final as (
    select
        by_buyer.session_year,
        artists.artist_name,
        cast(sum(by_buyer.sales) as decimal(18, 2)) as total_sales,
        by_buyer.currency,
        by_buyer.artist_key,
        cast(sum(by_buyer.items_sold) as bigint) as items_sold,
        count(*) as buyers,
        cast(sum(by_buyer.likes) as bigint) as likes
    from by_buyer
    inner join artists
        on by_buyer.artist_key = artists.artist_key
    group by by_buyer.session_year, artists.artist_name, by_buyer.currency, by_buyer.artist_key
)

select * from final
