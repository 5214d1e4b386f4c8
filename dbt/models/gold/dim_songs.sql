{{ config(dist='all', sort=['song_key']) }}

with

songs as (
    select * from {{ ref('stg_silver__songs') }}
),

sessions as (
    select * from {{ ref('stg_silver__sessions') }}
),

sold as (
    select distinct song_key from {{ ref('fact_session') }}
),

listed as (
    select
        {{ member_key('track_id') }} as song_key,
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

-- Tracks sold that no snapshot of the catalogue has held: named as they were sold.
unlisted as (
    select sold.song_key
    from sold
    left join listed
        on sold.song_key = listed.song_key
    where
        sold.song_key <> {{ unknown_key() }}
        and listed.song_key is null
),

-- Where all tracks are listed, the sessions are not read.
sold_as as (
    select
        unlisted.song_key,
        sessions.track_id,
        sessions.song_name,
        sessions.artist_id,
        count(*) as times
    from sessions
    inner join unlisted
        on {{ member_key('sessions.track_id') }} = unlisted.song_key
    group by unlisted.song_key, sessions.track_id, sessions.song_name, sessions.artist_id
),

-- Most frequent first; the last columns make the order total.
ranked_names as (
    select
        song_key,
        track_id,
        song_name,
        artist_id,
        row_number() over (
            partition by track_id
            order by times desc, song_name asc, artist_id asc
        ) as place
    from sold_as
),

inferred as (
    select
        song_key,
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
        cast({{ unknown_key() }} as bigint) as song_key,
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
        song_key,
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
