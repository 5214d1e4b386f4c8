"""Models: what the answers look like, for the interactive documentation."""

import re
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, Field

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


class SessionItem(BaseModel):
    """One song bought in a session."""

    song_id: str = Field(description="18 characters; a track id (TR...)", examples=["TRXKAGX128F9342DD7"])
    song_name: str = Field(examples=["3 Cards"])
    artist_id: str = Field(description="18 characters (AR...)", examples=["AR475MP1187B9A5449"])
    artist_name: str = Field(examples=["The Balancing Act"])
    price: float = Field(description="two decimals, 0.3 to 1.9", examples=[1.03])
    currency: str = Field(examples=["USD"])
    liked: bool
    liked_since: str | None = Field(
        description="ISO-8601 without zone; null exactly when not liked; can be years after the session",
        examples=["2023-01-27T08:29:54.970697"],
    )


class Session(BaseModel):
    """One purchase session."""

    user_id: str = Field(description="UUID", examples=["6b287203-7cab-4f1a-b1a4-2b5076294682"])
    session_id: str = Field(description="UUID", examples=["04a5e8ac-1acd-48dc-88b9-651c4ddf489c"])
    session_items: list[SessionItem] = Field(description="mostly 5 or 6; can be empty")
    user_agent: str
    session_start_time: str = Field(
        description="ISO-8601 with microseconds, without zone: UTC", examples=["2020-02-07T18:05:25.824461"]
    )


class User(BaseModel):
    """One registered user."""

    user_id: str = Field(description="UUID", examples=["6b287203-7cab-4f1a-b1a4-2b5076294682"])
    user_name: str = Field(description="first name", examples=["Elizabeth"])
    user_lastname: str = Field(examples=["Carey"])
    user_location: list[str] = Field(
        description="latitude, longitude, place, country (ISO-3166, two letters), IANA time zone",
        examples=[["46.32313", "-0.45877", "Niort", "FR", "Europe/Paris"]],
        min_length=5,
        max_length=5,
    )
    user_since: str = Field(
        description="ISO-8601 with microseconds, without zone: UTC", examples=["2020-12-22T14:15:35.936090"]
    )


class Problem(BaseModel):
    """An answer that is none."""

    detail: str


class Health(BaseModel):
    """What the server was started with."""

    status: str = Field(examples=["ok"])
    seed: int
    scale: float
    songs: int = Field(description="tracks in the catalogue")
    songs_csv: str | None = Field(description="the file the catalogue was read from")


def _iso_date(value: object) -> object:
    if isinstance(value, str) and not _DATE.fullmatch(value):
        raise ValueError(f"{value!r} is no date: write it as YYYY-MM-DD")
    return value


IsoDate = Annotated[date, BeforeValidator(_iso_date)]
