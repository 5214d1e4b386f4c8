-- Fails with each item of the window, a session and a position in it, that stands in more than one row. That a session
-- stands on one day is another test's (session_has_one_buyer.sql); together they look for an item in all rows.
--
-- Sessions are looked through before items, for there are five times fewer: each position has a bit, and the sum of a
-- session's bits is their union unless one is there twice. Bits repeat after 62 positions, so items of the sessions
-- found are counted.
with

items as (
    select
        session_id,
        item_number,
        cast(1 as bigint) << cast(item_number % 62 as integer) as position_bit
    from {{ ref('fact_session') }}
    where {{ in_window('session_start_time') }}
),

suspects as (
    select session_id
    from items
    group by session_id
    having sum(position_bit) <> bit_or(position_bit)
)

select
    items.session_id,
    items.item_number,
    count(*) as times
from items
inner join suspects
    on items.session_id = suspects.session_id
group by items.session_id, items.item_number
having count(*) > 1
