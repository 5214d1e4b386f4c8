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

final as (
    select
        dates.year as session_year,
        artists.artist_name,
        cast(sum(facts.price) as decimal(18, 2)) as total_sales,
        facts.currency,
        artists.artist_key,
        count(*) as items_sold,
        count(distinct facts.session_id) as sessions,
        count(distinct facts.user_key) as buyers,
        cast(sum(case when facts.liked then 1 else 0 end) as bigint) as likes
    from facts
    inner join artists
        on facts.artist_key = artists.artist_key
    inner join dates
        on facts.date_key = dates.date_key
    group by dates.year, artists.artist_name, facts.currency, artists.artist_key
)

select * from final
