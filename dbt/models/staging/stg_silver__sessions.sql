with

source as (
    select * from {{ in_state(source('silver', 'sessions')) }}
),

renamed as (
    select
        -- ids
        cast(session_id as varchar(36)) as session_id,
        cast(item_number as integer) as item_number,
        cast(user_id as varchar(36)) as user_id,
        cast(track_id as varchar(18)) as track_id,
        cast(artist_id as varchar(18)) as artist_id,

        -- names
        cast(song_name as varchar(1024)) as song_name,
        cast(artist_name as varchar(1024)) as artist_name,

        -- money
        cast(price as decimal(10, 2)) as price,
        cast(currency as varchar(3)) as currency,

        -- likes
        liked,
        {{ utc('liked_since') }} as liked_since,

        -- timestamps; a filter on the second prunes the lake's day files, one on the first cannot
        {{ utc('session_start_time') }} as session_start_time,
        session_start_time as session_instant
    from source
)

select * from renamed
