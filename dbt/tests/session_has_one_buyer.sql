-- Fails with each session of the window whose items differ in buyer or start, on whatever day they stand: bi counts
-- sessions by both, and a session that moved to another day must have left the old one.
with

window_sessions as (
    select distinct session_id
    from {{ ref('fact_session') }}
    where {{ in_window('session_start_time') }}
),

items as (
    select
        facts.session_id,
        facts.user_key,
        facts.session_start_time
    from {{ ref('fact_session') }} as facts
    inner join window_sessions
        on facts.session_id = window_sessions.session_id
)

select
    session_id,
    count(*) as items
from items
group by session_id
having min(user_key) <> max(user_key) or min(session_start_time) <> max(session_start_time)
