{{ config(
    materialized='view',
    bind=false
) }}

with

facts as (
    select * from {{ ref('fact_session') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

songs as (
    select * from {{ ref('dim_songs') }}
),

artists as (
    select * from {{ ref('dim_artists') }}
),

dates as (
    select * from {{ ref('dim_date') }}
),

final as (
    select
        dates.calendar_date as session_date,
        dates.month_start,
        facts.session_id,
        facts.item_number,
        facts.user_key,
        users.user_id,
        users.country_code,
        facts.song_key,
        songs.track_id,
        songs.title,
        facts.artist_key,
        artists.artist_id,
        artists.artist_name,
        facts.price,
        facts.currency,
        facts.liked
    from facts
    inner join users
        on facts.user_key = users.user_key
    inner join songs
        on facts.song_key = songs.song_key
    inner join artists
        on facts.artist_key = artists.artist_key
    inner join dates
        on facts.date_key = dates.date_key
)

select * from final
