-- Fails with each session of the window whose items differ in buyer or start, on whatever day they stand: bi counts
-- sessions by both, and a session that moved to another day must have left the old one.
with

window_sessions as (
    select distinct session_id
    from {{ ref('int_session_totals') }}
    where {{ in_window('session_start_time') }}
),

sessions as (
    select
        totals.session_id,
        totals.user_key,
        totals.session_start_time
    from {{ ref('int_session_totals') }} as totals
    inner join window_sessions
        on totals.session_id = window_sessions.session_id
)

select
    session_id,
    count(*) as times
from sessions
group by session_id
having min(user_key) <> max(user_key) or min(session_start_time) <> max(session_start_time)
