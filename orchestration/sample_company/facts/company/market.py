"""What the company pays for advertising, and what an outsider would publish about postcodes."""

import numpy as np
import pyarrow as pa

from orchestration.sample_company.calendar import Calendar
from orchestration.sample_company.populations import POPULATIONS
from orchestration.sample_company.randomness import stream
from orchestration.sample_company.tables import choices, days, table_of, text_column

AD_CAMPAIGNS = (
    ("brand_search", "search", "cpc"),
    ("generic_search", "search", "cpc"),
    ("social_ideas", "social", "paid_social"),
    ("social_retargeting", "social", "paid_social"),
    ("display_garden", "display", "display"),
    ("partner_network", "affiliate", "affiliate"),
)
_CLICKS_PER_DAY_AND_CUSTOMER = (0.002, 0.004, 0.003, 0.002, 0.001, 0.001)
_PENCE_PER_CLICK = (18, 62, 45, 38, 70, 30)
_CLICK_SHARE = 0.02
_PAUSED_SHARE = 0.05

# West, south, east and north of each country, in degrees, as a school atlas has them.
_BOUNDS = {
    "GB": (-5.0, 50.5, 1.5, 57.0),
    "IE": (-10.0, 51.5, -6.0, 55.0),
    "DE": (6.5, 47.5, 14.5, 54.5),
    "FR": (-4.0, 43.0, 7.5, 50.5),
    "NL": (3.5, 51.0, 7.0, 53.5),
    "ES": (-9.0, 36.5, 3.0, 43.0),
    "PL": (14.5, 49.5, 23.5, 54.5),
    "GR": (20.0, 35.0, 27.0, 41.5),
    "UA": (23.0, 46.0, 39.0, 51.5),
    "TR": (26.5, 36.5, 44.0, 41.5),
    "VN": (103.0, 9.0, 109.0, 23.0),
}


def ad_spend_table(*, seed: int, calendar: Calendar, customers_count: int) -> pa.Table:
    """Return the table `ad_spend`: some days no money is spent at all."""
    rng = stream(seed, "ad_spend")
    days_count = calendar.end_day - calendar.first_day
    rows = np.arange(days_count * len(AD_CAMPAIGNS))
    ads = rows % len(AD_CAMPAIGNS)
    expected = np.array(_CLICKS_PER_DAY_AND_CUSTOMER)[ads] * customers_count * rng.uniform(0.5, 1.5, len(rows))
    clicks = np.where(rng.random(len(rows)) < _PAUSED_SHARE, 0, rng.poisson(expected)).astype(np.int64)
    pence = np.round(clicks * np.array(_PENCE_PER_CLICK)[ads] * rng.uniform(0.8, 1.3, len(rows))).astype(np.int64)
    order = np.lexsort((np.argsort(np.argsort([name for name, _, _ in AD_CAMPAIGNS]))[ads], rows // len(AD_CAMPAIGNS)))
    return table_of(
        {
            "spend_on": days(calendar.first_day + rows // len(AD_CAMPAIGNS)),
            "ad_campaign": choices([name for name, _, _ in AD_CAMPAIGNS], ads),
            "channel": choices([channel for _, channel, _ in AD_CAMPAIGNS], ads),
            "spend_pence": pence,
            "impressions": np.round(clicks / (_CLICK_SHARE * rng.uniform(0.6, 1.6, len(rows)))).astype(np.int64),
            "clicks": clicks,
        }
    ).take(order)


def postcode_table(*, seed: int) -> pa.Table:
    """Return the table `postcodes`: one row for each area that people of the company may live in."""
    rng = stream(seed, "postcodes")
    areas = sorted(
        {(population.country_code, prefix) for population in POPULATIONS for prefix in population.postcode_prefixes}
    )
    bounds = np.array([_BOUNDS[code] for code, _ in areas])
    count = len(areas)
    return table_of(
        {
            "postcode_area": text_column([area for _, area in areas]),
            "country_code": text_column([code for code, _ in areas]),
            "population_count": np.round(np.exp(rng.normal(12.2, 0.6, count))).astype(np.int64),
            "median_income_band": rng.integers(1, 11, count),
            "urban_rate": np.round(rng.beta(5, 2, count), 3),
            "longitude": np.round(bounds[:, 0] + rng.random(count) * (bounds[:, 2] - bounds[:, 0]), 4),
            "latitude": np.round(bounds[:, 1] + rng.random(count) * (bounds[:, 3] - bounds[:, 1]), 4),
        }
    )
