{{ config(dist='all', sort=['song_key']) }}

with

songs as (
    select * from {{ ref('stg_silver__songs') }}
),

sessions as (
    select * from {{ ref('stg_silver__sessions') }}
),

sold as (
    select distinct track_id from {{ ref('fact_session') }}
),

-- Tracks sold that no snapshot of the catalogue has held: named as they were sold.
unlisted as (
    select sold.track_id
    from sold
    left join songs
        on sold.track_id = songs.track_id
    where
        sold.track_id is not null
        and songs.track_id is null
),

sold_as as (
    select
        sessions.track_id,
        sessions.song_name,
        sessions.artist_id,
        count(*) as times
    from sessions
    inner join unlisted
        on sessions.track_id = unlisted.track_id
    group by sessions.track_id, sessions.song_name, sessions.artist_id
),

-- Most frequent first; the last columns make the order total.
ranked_names as (
    select
        track_id,
        song_name,
        artist_id,
        row_number() over (
            partition by track_id
            order by times desc, song_name asc, artist_id asc
        ) as place
    from sold_as
),

listed as (
    select
        track_id,
        song_id,
        title,
        release,
        artist_id,
        duration,
        year,
        vanished_on is null as is_in_catalogue,
        false as is_inferred
    from songs
),

inferred as (
    select
        track_id,
        cast(null as varchar(18)) as song_id,
        song_name as title,
        cast(null as varchar(1024)) as release,
        artist_id,
        cast(null as double precision) as duration,
        cast(null as integer) as year,
        false as is_in_catalogue,
        true as is_inferred
    from ranked_names
    where place = 1
),

unknown as (
    select
        cast(null as varchar(18)) as track_id,
        cast(null as varchar(18)) as song_id,
        cast(null as varchar(1024)) as title,
        cast(null as varchar(1024)) as release,
        cast(null as varchar(18)) as artist_id,
        cast(null as double precision) as duration,
        cast(null as integer) as year,
        false as is_in_catalogue,
        false as is_inferred
),

members as (
    select * from listed
    union all
    select * from inferred
    union all
    select * from unknown
),

final as (
    select
        {{ member_key('track_id') }} as song_key,
        track_id,
        song_id,
        cast(coalesce(title, 'Unknown') as varchar(1024)) as title,
        release,
        {{ member_key('artist_id') }} as artist_key,
        artist_id,
        duration,
        year,
        is_in_catalogue,
        is_inferred
    from members
)

select * from final
