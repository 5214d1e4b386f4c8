with

playlists as (
    select * from {{ ref('dim_playlists') }}
),

users as (
    select * from {{ ref('dim_users') }}
),

final as (
    select
        users.country_code,
        count(*) as playlists,
        cast(sum(playlists.tracks) as bigint) as tracks
    from playlists
    inner join users
        on playlists.user_key = users.user_key
    group by users.country_code
)

select * from final
