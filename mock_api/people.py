"""People: the places users live in, the names they have there and the browsers they use.

Places and names come from Faker's lists. Places are real ones (latitude, longitude, place, country, time
zone); countries differ in size as a music shop's would, and a user's name comes from the lists of the
country's language where Faker has one.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from itertools import product

import numpy as np
import pyarrow as pa  # type: ignore[import-untyped]
from faker.providers.geo import Provider as Geo

from mock_api.draws import Floats, Numbers, cumulative

# Share of the users, in percent; every other country has 0.1.
_COUNTRY_SHARE = {
    "US": 26, "GB": 10, "DE": 9, "FR": 7, "BR": 6, "JP": 6, "IN": 5, "ES": 4, "IT": 4, "CA": 4, "MX": 3,
    "NL": 2.5, "SE": 2, "AU": 2, "PL": 1.5, "KR": 1.5, "TR": 1.2, "CZ": 1, "AR": 1, "CN": 0.8,
    "UA": 0.7, "BE": 0.7, "PT": 0.6, "CH": 0.6, "AT": 0.6, "NG": 0.5, "ZA": 0.5, "PH": 0.5, "ID": 0.5,
}  # fmt: skip
_OTHER_SHARE = 0.1
_LOCALES = {
    "US": "en_US", "GB": "en_GB", "DE": "de_DE", "AT": "de_AT", "CH": "de_CH", "FR": "fr_FR", "BE": "fr_BE",
    "BR": "pt_BR", "PT": "pt_PT", "JP": "ja_JP", "IN": "en_IN", "ES": "es_ES", "MX": "es_MX", "AR": "es_AR",
    "IT": "it_IT", "NL": "nl_NL", "SE": "sv_SE", "TR": "tr_TR", "CZ": "cs_CZ", "KR": "ko_KR",
    "UA": "uk_UA", "RU": "ru_RU", "IE": "ga_IE", "CN": "zh_CN",
}  # fmt: skip
_OTHER_LOCALE = "en_US"
_PLATFORMS = (
    "Windows NT 10.0; Win64; x64",
    "Macintosh; Intel Mac OS X 10_15_3",
    "X11; Linux x86_64",
    "Linux; Android 10; SM-G960F",
    "Linux; Android 9; Pixel 3",
)
_BROWSERS = (
    *(f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{n}.0.{n * 51}.132 Safari/537.36" for n in range(76, 81)),
    *(f"AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.88 Safari/537.36 OPR/{n}.0" for n in (62, 66)),
    *(f"Gecko/20100101 Firefox/{n}.0" for n in (68, 71, 72, 73)),
)


@dataclass(frozen=True)
class Names:
    """JSON literals of all locales' names in one array; locale i owns sizes[i] of them from starts[i] on."""

    texts: pa.Array
    starts: Numbers
    sizes: Numbers


@dataclass(frozen=True)
class People:
    """What users are drawn from. `places`: JSON lists of five strings; `locale`: each place's position in Names."""

    places: pa.Array
    popularity: Floats
    locale: Numbers
    first_names: Names
    last_names: Names
    user_agents: pa.Array


def people() -> People:
    """All lists; they depend on Faker's version alone."""
    places = list(Geo.land_coords)
    countries = [place[3] for place in places]
    locales = sorted({*_LOCALES.values(), _OTHER_LOCALE})
    weights = [_COUNTRY_SHARE.get(country, _OTHER_SHARE) / countries.count(country) for country in countries]
    return People(
        places=pa.array([_literal(list(place)) for place in places]),
        popularity=cumulative(np.array(weights)),
        locale=np.array([locales.index(_LOCALES.get(country, _OTHER_LOCALE)) for country in countries]),
        first_names=_names(locales, "first_names"),
        last_names=_names(locales, "last_names"),
        user_agents=pa.array([_literal(text) for text in _user_agents()]),
    )


def _literal(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _names(locales: Iterable[str], kind: str) -> Names:
    lists = [list(getattr(import_module(f"faker.providers.person.{locale}").Provider, kind)) for locale in locales]
    sizes = np.array([len(names) for names in lists])
    texts = [_literal(name) for names in lists for name in names]
    return Names(pa.array(texts), np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)


def _user_agents() -> list[str]:
    return [f"Mozilla/5.0 ({platform}) {browser}" for platform, browser in product(_PLATFORMS, _BROWSERS)]
