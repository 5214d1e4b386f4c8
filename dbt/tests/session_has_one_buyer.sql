-- Fails with each session of the window whose items differ in buyer or start: bi counts sessions by both.
select
    session_id,
    count(*) as items
from {{ ref('fact_session') }}
where {{ in_window('session_start_time') }}
group by session_id
having min(user_key) <> max(user_key) or min(session_start_time) <> max(session_start_time)
