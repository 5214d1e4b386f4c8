-- Fails when more than max_inferred_user_share of the window's items belong to a user known from sales alone.
-- A warning: a short first window has buyers who registered before it, and their countries stay ZZ until they come.
{{ config(severity='warn') }}

select
    count(*) as items,
    sum(case when members.is_inferred then 1 else 0 end) as inferred_items
from {{ ref('fact_session') }} as facts
inner join {{ ref('dim_users') }} as members
    on facts.user_key = members.user_key
where {{ in_window('facts.session_start_time') }}
having sum(case when members.is_inferred then 1 else 0 end) > {{ var('max_inferred_user_share') }} * count(*)
