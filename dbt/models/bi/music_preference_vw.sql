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

final as (
    select
        dates.year as session_year,
        users.country_code,
        artists.artist_name,
        artists.artist_key,
        count(*) as items_sold,
        cast(sum(case when facts.liked then 1 else 0 end) as bigint) as likes,
        count(distinct facts.user_key) as buyers
    from facts
    inner join artists
        on facts.artist_key = artists.artist_key
    inner join users
        on facts.user_key = users.user_key
    inner join dates
        on facts.date_key = dates.date_key
    group by dates.year, users.country_code, artists.artist_name, artists.artist_key
)

select * from final
