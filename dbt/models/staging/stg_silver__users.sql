with

source as (
    select * from {{ in_state(source('silver', 'users')) }}
),

renamed as (
    select
        -- ids
        cast(user_id as varchar(36)) as user_id,

        -- names and places; the exact coordinates stay in silver
        cast(user_name as varchar(1024)) as user_name,
        cast(user_lastname as varchar(1024)) as user_lastname,
        cast(place_name as varchar(1024)) as place_name,
        cast(country_code as varchar(2)) as country_code,
        cast(timezone as varchar(64)) as timezone,

        -- timestamps
        {{ utc('user_since') }} as user_since
    from source
)

select * from renamed
