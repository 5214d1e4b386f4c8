"""DeFtunes' two sources, made up: the HTTP API of users and sessions, and the database of songs.

Every row is a pure function of (seed, scale, day): the same call always gives the same bytes, and no
day needs another one to be generated first. The calendar runs from 2019-01-01 to 2030-12-31; users
register from its first day on, most of them in or after the launch days of January 2020.

The data contain, on purpose (each line has a test in tests/unit/mock_api):

- an item's `song_id` is a track id (TR...), never the catalogue's song_id (SO...);
- one song_id shared by several tracks; two spellings of an artist's name within one artist_id;
- sentinels: year 0, shs_perf -1, shs_work 0, an empty artist_mbid;
- text with non-ASCII letters, double quotes, apostrophes and commas;
- buyers who registered before 2020, so before the window the pipeline starts with;
- `liked_since` up to four years after the session, and null exactly when not liked;
- each day with sessions has one at 00:00:00.000000 and one at 23:59:59.999999; users likewise;
- 29 February has sessions; in the middle month of each quarter one day has no session at all, one has
  nothing liked, and on one all prices are whole (1.0);
- about 1 session in 2000 has no items, one in each quarter for certain;
- whole prices are written 1.0.
"""
