-- Fails when more than max_inferred_song_share of the window's items belong to a song known from sales alone.
-- An error: it means a join on the wrong id (the API's song_id is a track id) or a catalogue of another shop.
select
    count(*) as items,
    sum(case when members.is_inferred then 1 else 0 end) as inferred_items
from {{ ref('fact_session') }} as facts
inner join {{ ref('dim_songs') }} as members
    on facts.song_key = members.song_key
where {{ in_window('facts.session_start_time') }}
having sum(case when members.is_inferred then 1 else 0 end) > {{ var('max_inferred_song_share') }} * count(*)
