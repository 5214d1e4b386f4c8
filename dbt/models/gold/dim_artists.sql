{{ config(dist='all', sort=['artist_key']) }}

with

songs as (
    select * from {{ ref('stg_silver__songs') }}
),

sessions as (
    select * from {{ ref('stg_silver__sessions') }}
),

sold as (
    select distinct artist_key from {{ ref('fact_session') }}
),

listed as (
    select distinct {{ member_key('artist_id') }} as artist_key
    from songs
),

-- Artists sold that no snapshot of the catalogue has held: named as they were sold.
unlisted as (
    select sold.artist_key
    from sold
    left join listed
        on sold.artist_key = listed.artist_key
    where
        sold.artist_key <> {{ unknown_key() }}
        and listed.artist_key is null
),

-- Where all artists are listed, the sessions are not read.
spellings as (
    select
        artist_id,
        trim(artist_name) as artist_name,
        count(*) as times
    from songs
    group by artist_id, trim(artist_name)

    union all

    select
        sessions.artist_id,
        trim(sessions.artist_name) as artist_name,
        count(*) as times
    from sessions
    inner join unlisted
        on {{ member_key('sessions.artist_id') }} = unlisted.artist_key
    group by sessions.artist_id, trim(sessions.artist_name)
),

-- The most frequent spelling names the artist, a blank one only for want of another; ties go by the alphabet.
ranked_spellings as (
    select
        artist_id,
        artist_name,
        row_number() over (
            partition by artist_id
            order by
                case when artist_name is null or artist_name = '' then 1 else 0 end asc,
                times desc,
                artist_name asc
        ) as place
    from spellings
),

-- The source repeats an artist's figures on each of their tracks; the newest snapshot's first track speaks.
ranked_tracks as (
    select
        artist_id,
        artist_familiarity,
        artist_hotttnesss,
        row_number() over (
            partition by artist_id
            order by ingest_on desc, track_id asc
        ) as place
    from songs
),

-- An mbid may be missing on some tracks of an artist.
mbids as (
    select
        artist_id,
        max(nullif(artist_mbid, '')) as artist_mbid
    from songs
    group by artist_id
),

listed_or_inferred as (
    select
        ranked_spellings.artist_id,
        mbids.artist_mbid,
        nullif(ranked_spellings.artist_name, '') as artist_name,
        ranked_tracks.artist_familiarity as familiarity,
        ranked_tracks.artist_hotttnesss as hotness,
        mbids.artist_id is null as is_inferred
    from ranked_spellings
    left join ranked_tracks
        on
            ranked_spellings.artist_id = ranked_tracks.artist_id
            and ranked_tracks.place = 1
    left join mbids
        on ranked_spellings.artist_id = mbids.artist_id
    where
        ranked_spellings.place = 1
        and ranked_spellings.artist_id is not null
),

unknown as (
    select
        cast(null as varchar(18)) as artist_id,
        cast(null as varchar(36)) as artist_mbid,
        cast(null as varchar(1024)) as artist_name,
        cast(null as double precision) as familiarity,
        cast(null as double precision) as hotness,
        false as is_inferred
),

members as (
    select * from listed_or_inferred
    union all
    select * from unknown
),

final as (
    select
        {{ member_key('artist_id') }} as artist_key,
        artist_id,
        artist_mbid,
        cast(coalesce(artist_name, 'Unknown') as varchar(1024)) as artist_name,
        familiarity,
        hotness,
        is_inferred
    from members
)

select * from final
