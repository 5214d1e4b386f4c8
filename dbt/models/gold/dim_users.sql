{{ config(dist='user_key', sort=['user_key']) }}

with

users as (
    select * from {{ ref('stg_silver__users') }}
),

sessions as (
    select * from {{ ref('stg_silver__sessions') }}
),

buyers as (
    select distinct user_key from {{ ref('fact_session') }}
),

registered as (
    select
        {{ member_key('user_id') }} as user_key,
        user_id,
        user_name,
        user_lastname,
        user_since,
        place_name,
        country_code,
        timezone,
        false as is_inferred
    from users
),

-- Buyers no delivery of users has held yet.
undelivered as (
    select buyers.user_key
    from buyers
    left join registered
        on buyers.user_key = registered.user_key
    where
        buyers.user_key <> {{ unknown_key() }}
        and registered.user_key is null
),

-- They are known by id alone, until a delivery holds them. Where there are none, the sessions are not read.
inferred as (
    select distinct
        undelivered.user_key,
        sessions.user_id,
        cast(null as varchar(1024)) as user_name,
        cast(null as varchar(1024)) as user_lastname,
        cast(null as timestamp) as user_since,
        cast(null as varchar(1024)) as place_name,
        cast(null as varchar(2)) as country_code,
        cast(null as varchar(64)) as timezone,
        true as is_inferred
    from sessions
    inner join undelivered
        on {{ member_key('sessions.user_id') }} = undelivered.user_key
),

unknown as (
    select
        cast({{ unknown_key() }} as bigint) as user_key,
        cast(null as varchar(36)) as user_id,
        cast(null as varchar(1024)) as user_name,
        cast(null as varchar(1024)) as user_lastname,
        cast(null as timestamp) as user_since,
        cast(null as varchar(1024)) as place_name,
        cast(null as varchar(2)) as country_code,
        cast(null as varchar(64)) as timezone,
        false as is_inferred
),

members as (
    select * from registered
    union all
    select * from inferred
    union all
    select * from unknown
),

final as (
    select
        user_key,
        user_id,
        cast(coalesce(user_name, 'Unknown') as varchar(1024)) as user_name,
        cast(coalesce(user_lastname, 'Unknown') as varchar(1024)) as user_lastname,
        user_since,
        cast(coalesce(place_name, 'Unknown') as varchar(1024)) as place_name,
        cast(coalesce(country_code, 'ZZ') as varchar(2)) as country_code,
        cast(coalesce(timezone, 'Unknown') as varchar(64)) as timezone,
        is_inferred
    from members
)

select * from final
