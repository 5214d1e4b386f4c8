with

playlists as (
    select * from {{ ref('stg_silver__playlists') }}
),

final as (
    select
        playlist_id,
        playlist_name,
        {{ member_key('user_id') }} as user_key,
        created_at,
        count(*) as tracks
    from playlists
    group by playlist_id, playlist_name, user_id, created_at
)

select * from final
