with

source as (
    select * from {{ source('silver', 'playlists') }}
),

renamed as (
    select
        -- ids
        cast(playlist_id as varchar(36)) as playlist_id,
        cast(track_number as integer) as track_number,
        cast(user_id as varchar(36)) as user_id,
        cast(track_id as varchar(18)) as track_id,

        -- names
        cast(playlist_name as varchar(100)) as playlist_name,

        -- timestamps
        {{ utc('created_at') }} as created_at
    from source
)

select * from renamed
