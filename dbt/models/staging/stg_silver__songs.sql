with

source as (
    select * from {{ in_state(source('silver', 'songs')) }}
),

renamed as (
    select
        -- ids
        cast(track_id as varchar(18)) as track_id,
        cast(song_id as varchar(18)) as song_id,
        cast(artist_id as varchar(18)) as artist_id,
        cast(artist_mbid as varchar(36)) as artist_mbid,

        -- names
        cast(title as varchar(1024)) as title,
        cast(release as varchar(1024)) as release,
        cast(artist_name as varchar(1024)) as artist_name,

        -- numerics
        duration,
        cast(year as integer) as year,
        artist_familiarity,
        artist_hotttnesss,

        -- dates
        ingest_on,
        vanished_on
    from source
)

select * from renamed
