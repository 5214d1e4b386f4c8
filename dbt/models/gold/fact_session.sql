{{ config(
    materialized='incremental',
    incremental_strategy='replace_window',
    event_time='session_start_time',
    on_schema_change='fail',
    dist='user_key',
    sort=['session_start_time']
) }}

with

sessions as (
    select * from {{ ref('stg_silver__sessions') }}
    {% if is_incremental() %}
        where {{ in_window('session_instant', 'timestamptz') }}
    {% endif %}
),

items as (
    select
        session_id,
        item_number,
        {{ member_key('user_id') }} as user_key,
        {{ member_key('track_id') }} as song_key,
        {{ member_key('artist_id') }} as artist_key,
        {{ date_key('session_start_time') }} as date_key,
        user_id,
        track_id,
        artist_id,
        session_start_time,
        price,
        currency,
        liked,
        liked_since
    from sessions
)

select * from items
