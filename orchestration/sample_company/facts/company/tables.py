"""Tables of what is the same for all people."""

import pyarrow as pa

from orchestration.sample_company.facts.fact_table import DAY, FLAG, NUMBER, REAL, SMALL, TEXT, FactTable, fact, or_null

COMPANY_TABLES: tuple[FactTable, ...] = (
    fact(
        "catalogue",
        "One row per product.",
        key="product_number",
        columns={
            "product_number": NUMBER,
            "sku": TEXT,
            "product_name": TEXT,
            "category": TEXT,
            "brand": TEXT,
            "list_price_pence": NUMBER,  # when the product was introduced; later ones are in `product_prices`
            "cost_pence": NUMBER,
            "introduced_on": DAY,
            "is_gateway": FLAG,  # raises the later rate of those whose first basket holds it
            "replenishment_days": or_null(SMALL),  # null: is not used up
        },
        is_company_wide=True,
    ),
    fact(
        "product_prices",
        "One row per product and day from which a list price holds.",
        key="product_number valid_from_on",
        columns={"product_number": NUMBER, "list_price_pence": NUMBER, "valid_from_on": DAY},
        is_company_wide=True,
    ),
    fact(
        "stores",
        "One row per store; the first is the warehouse that the web shop and the app sell from.",
        key="store_id",
        columns={
            "store_id": TEXT,
            "store_name": TEXT,
            "city": TEXT,
            "postcode": TEXT,
            "country_code": TEXT,
            "zones": pa.list_(pa.string()),
        },
        is_company_wide=True,
    ),
    fact(
        "stock",
        "One row per store, product and counted day: weekly, and daily from 14 days before the history's end.",
        key="stock_on store_id product_number",
        columns={"store_id": TEXT, "product_number": NUMBER, "stock_on": DAY, "quantity": SMALL},
        is_company_wide=True,
    ),
    fact(
        "campaigns",
        "One row per campaign.",
        key="campaign_id",
        columns={
            "campaign_id": TEXT,
            "campaign_name": TEXT,
            "channel": TEXT,
            "stage_target": TEXT,
            "topic": TEXT,
            "category": TEXT,
            "offer_id": or_null(TEXT),  # null: no offer in it
            "holdout_share": REAL,
            "starts_on": DAY,
        },
        is_company_wide=True,
    ),
    fact(
        "offers",
        "One row per offer.",
        key="offer_id",
        columns={
            "offer_id": TEXT,
            "offer_name": TEXT,
            "category": TEXT,
            "discount_share": REAL,
            "starts_on": DAY,
            "ends_on": DAY,
            "quota": NUMBER,
            "min_basket_pence": NUMBER,
            "conditions_text": TEXT,
            "is_online_only": FLAG,
        },
        is_company_wide=True,
    ),
    fact(
        "ad_spend",
        "One row per advertising campaign and day.",
        key="spend_on ad_campaign",
        columns={
            "spend_on": DAY,
            "ad_campaign": TEXT,
            "channel": TEXT,
            "spend_pence": NUMBER,
            "impressions": NUMBER,
            "clicks": NUMBER,
        },
        is_company_wide=True,
    ),
    fact(
        "postcodes",
        "One row per postcode area, with what a statistics office would publish about it.",
        key="country_code postcode_area",
        columns={
            "postcode_area": TEXT,
            "country_code": TEXT,
            "population_count": NUMBER,
            "median_income_band": SMALL,  # 1 lowest to 10 highest
            "urban_rate": REAL,
            "longitude": REAL,
            "latitude": REAL,
        },
        is_company_wide=True,
    ),
)
