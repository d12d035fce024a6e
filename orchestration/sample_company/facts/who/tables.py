"""Tables of who the people are."""

from orchestration.sample_company.facts.fact_table import DAY, FLAG, INSTANT, NUMBER, TEXT, FactTable, fact, or_null

WHO_TABLES: tuple[FactTable, ...] = (
    fact(
        "people",
        "One row per person, newcomers of the days after the history included.",
        key="person_number",
        columns={
            "person_number": NUMBER,
            "person_id": TEXT,
            "title": TEXT,
            "first_name": TEXT,  # as the person writes it, in the person's own script
            "last_name": TEXT,  # today's; a name before marriage is in `former_names`
            "first_name_latin": TEXT,
            "last_name_latin": TEXT,
            "nickname": or_null(TEXT),  # null: goes by the given name
            "gender": TEXT,  # female, male, other
            "birth_on": DAY,
            "language": TEXT,  # BCP 47
            "country_code": TEXT,  # where the person lived when joining; `homes` says where since
            "joined_on": DAY,
            "household_id": TEXT,
            "account_id_company": or_null(TEXT),  # null: a private customer
            "edge_case": or_null(TEXT),  # null: nobody special
            "is_in_crm": FLAG,
            "is_in_shop": FLAG,
            "is_in_pos": FLAG,
            "is_in_loyalty": FLAG,
            "is_guest": FLAG,
            "is_app_user": FLAG,
        },
    ),
    fact(
        "former_names",
        "One row per family name that a person no longer uses.",
        key="person_number valid_to_on",
        columns={
            "person_number": NUMBER,
            "last_name": TEXT,
            "last_name_latin": TEXT,
            "valid_to_on": DAY,  # the day on which today's name begins
        },
    ),
    fact(
        "households",
        "One row per household.",
        key="household_id",
        columns={"household_id": TEXT, "household_type": TEXT, "home_number": NUMBER},
    ),
    fact(
        "companies",
        "One row per business customer; its contacts are people with the same `account_id_company`.",
        key="account_id_company",
        columns={"account_id_company": TEXT, "company_name": TEXT, "household_id": TEXT},
    ),
    fact(
        "homes",
        "One row per person and home that the person has lived in, one after the other.",
        key="person_number valid_from_on",
        columns={
            "person_number": NUMBER,
            "home_number": NUMBER,
            "street": TEXT,
            "house_number": TEXT,
            "city": TEXT,
            "postcode": TEXT,
            "country_code": TEXT,
            "valid_from_on": DAY,
            "valid_to_on": or_null(DAY),  # null: still lives there
        },
    ),
    fact(
        "contact_points",
        "One row per person and e-mail address or phone number that reaches the person for some time.",
        key="contact_point_id",
        columns={
            "contact_point_id": NUMBER,
            "person_number": NUMBER,
            "contact_type": TEXT,  # email, phone
            "value": TEXT,  # e-mail in lower case, phone in E.164
            "is_shared": FLAG,  # one value that reaches several people at the same time
            "valid_from_on": DAY,
            "valid_to_on": or_null(DAY),  # null: still in use
            "previous_person_number": or_null(NUMBER),  # the stranger who had this number before
        },
    ),
    fact(
        "devices",
        "One row per device or browser that a person uses.",
        key="device_id",
        columns={
            "device_id": TEXT,
            "person_number": NUMBER,
            "device_type": TEXT,  # web, ios, android
            "valid_from_on": DAY,
            "valid_to_on": or_null(DAY),
            "wifi_mac_hash": or_null(TEXT),  # salted sha256 in hex; null for a browser
            "is_shared": FLAG,
            "shared_with_person_number": or_null(NUMBER),  # who else uses it
        },
    ),
    fact(
        "loyalty_cards",
        "One row per loyalty card.",
        key="card_number",
        columns={"card_number": TEXT, "person_number": NUMBER, "issued_on": DAY, "store_id": TEXT},
    ),
    fact(
        "consents",
        "One row per decision of a person about a purpose and channel.",
        key="consent_id",
        columns={
            "consent_id": NUMBER,
            "person_number": NUMBER,
            "contact_point_id": or_null(NUMBER),  # null: not about a contact point
            "purpose": TEXT,  # marketing, profiling, location, partner_sharing, service
            "channel": TEXT,  # email, sms, push, phone, location
            "status": TEXT,  # granted, denied, withdrawn
            "changed_at": INSTANT,
            "policy_version": TEXT,
            "proof": TEXT,
        },
    ),
    fact(
        "subject_requests",
        "One row per request of a person about the data held on the person.",
        key="request_id",
        columns={
            "request_id": NUMBER,
            "person_number": NUMBER,
            "request_type": TEXT,
            "requested_at": INSTANT,
            "contact_value": TEXT,
        },
    ),
)
