"""What the users must be: the buyers of the sessions, registered in time, in real places."""

import re
from collections import Counter
from typing import Any

Record = dict[str, Any]
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def test_buyer_has_registered_when_the_session_starts(quarter: list[Record], registered: list[Record]) -> None:
    since = {user["user_id"]: user["user_since"] for user in registered}
    late = [row for row in quarter if since[row["user_id"]] > row["session_start_time"]]
    assert late == []


def test_about_one_buyer_in_twenty_is_older_than_2020(quarter: list[Record], registered: list[Record]) -> None:
    since = {user["user_id"]: user["user_since"] for user in registered}
    buyers = {row["user_id"] for row in quarter}
    by_buyer = sum(since[buyer] < "2020" for buyer in buyers) / len(buyers)
    by_session = sum(since[row["user_id"]] < "2020" for row in quarter) / len(quarter)
    assert 0.03 < by_buyer < 0.08
    assert 0.04 < by_session < 0.06


def test_users_register_each_day_in_order_when_read(registered: list[Record]) -> None:
    since = [user["user_since"] for user in registered]
    assert since == sorted(since)
    days = Counter(stamp[:10] for stamp in since)
    assert len(days) == 365 + 91
    assert days["2020-01-01"] == 500
    for day in days:
        assert {f"{day}T00:00:00.000000", f"{day}T23:59:59.999999"} <= set(since)


def test_user_has_the_contracts_fields_when_decoded(registered: list[Record]) -> None:
    assert len({user["user_id"] for user in registered}) == len(registered)
    for user in registered:
        assert list(user) == ["user_id", "user_name", "user_lastname", "user_location", "user_since"]
        assert UUID.fullmatch(user["user_id"])
        latitude, longitude, place, country, zone = user["user_location"]
        assert -90 <= float(latitude) <= 90
        assert -180 <= float(longitude) <= 180
        assert place
        assert re.fullmatch("[A-Z]{2}", country)
        assert "/" in zone


def test_place_is_whole_when_it_is_drawn(registered: list[Record]) -> None:
    zones = {tuple(user["user_location"][2:]) for user in registered if user["user_location"][3] == "DE"}
    assert ("Niort", "FR", "Europe/Paris") not in zones
    assert {zone for *_, zone in zones} == {"Europe/Berlin"}


def test_countries_differ_in_size_when_counted(registered: list[Record]) -> None:
    countries = Counter(user["user_location"][3] for user in registered)
    assert countries.most_common(1)[0][0] == "US"
    assert 0.2 < countries["US"] / len(registered) < 0.33  # however many of Faker's places lie there
    assert countries["US"] > 2 * countries["DE"] > 4 * countries["CZ"] > 0


def test_names_are_of_the_country_when_faker_knows_it(registered: list[Record]) -> None:
    names = [user["user_name"] for user in registered if user["user_location"][3] == "JP"]
    assert names
    assert all(re.fullmatch("[\u3040-\u9fff]+", name) for name in names)
