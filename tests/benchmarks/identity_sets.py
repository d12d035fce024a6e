"""People with known truth as a folder of records, and as the tables that dbt would have observed of them.

Belongs here: what the rows about identity link. `tests.support.linked_people` writes the people from one seed, the same
for the same size. About three records a person, with errors of hand and omissions.
"""

from pathlib import Path

import duckdb

from orchestration.foundation.settings import PROJECT_ROOT
from tests.benchmarks.sizes import SEED
from tests.support.linked_people import people, write_records, write_truth

POISONED = ("poison@example.org", "+441632960000")
_COPIES = 4
_SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"
_WAREHOUSE_SQL = """
create schema identity;
create schema vault;
create schema reference;
create table vault.int_attributes_compared as
select
    record_id,
    'crm' as source,
    first_name as given_name,
    surname as family_name,
    null::varchar as full_name,
    try_cast(dob as date) as birth_date,
    if(number < $poisoned, $email, nullif(email, '')) as email,
    if(number < $poisoned, $phone, nullif(phone, '')) as phone,
    nullif(address, '') as street,
    null::varchar as house_number,
    null::varchar as postcode,
    nullif(city, '') as city,
    null::varchar as country_code,
    null::varchar as gender
from (
    select *, row_number() over (order by record_id) - 1 as number
    from read_csv($records, all_varchar = true, header = true)
)
where number < $rows
order by hash(record_id, $shuffle);
create table identity.int_identity_records as
select record_id
from vault.int_attributes_compared
order by hash(record_id, $shuffle);
create table identity.int_identifiers_observed as
select
    record_id,
    identifier_type,
    sha256(lower(identifier)) as identifier_hash,
    false as is_verified,
    timestamp '2026-01-01' as first_observed_at
from vault.int_attributes_compared
unpivot (identifier for identifier_type in (email, phone))
order by hash(record_id, identifier_type, $shuffle);
create table reference.identifier_types as from read_csv($types);
create table reference.blocked_identifiers as from read_csv($blocked, all_varchar = true);
"""


def people_folder(folder: Path, *, people_count: int) -> Path:
    """Return the folder after writing `records.csv` and `truth.csv` of so many people into it."""
    folder.mkdir(parents=True, exist_ok=True)
    records = people(people_count, copies=_COPIES, seed=SEED)
    write_records(folder / "records.csv", records)
    write_truth(folder / "truth.csv", [(f"a{number:05d}", one) for number, one in enumerate(records)])
    return folder


def records_in(folder: Path) -> int:
    """Return how many records a folder of people holds."""
    with (folder / "records.csv").open(encoding="utf-8") as stream:
        return sum(1 for _ in stream) - 1


def observe(folder: Path, warehouse: Path, *, rows: int, poisoned: int = 0, shuffle: int = 0) -> None:
    """Write the warehouse tables that identity reads.

    Args:
        folder: of people.
        warehouse: the DuckDB file, made anew.
        rows: so many records, the first ones by id.
        poisoned: so many of them share one e-mail address and one phone number.
        shuffle: another number gives another order of rows.
    """
    warehouse.unlink(missing_ok=True)
    stated = {
        "records": str(folder / "records.csv"),
        "types": str(_SEEDS / "identifier_types.csv"),
        "blocked": str(_SEEDS / "blocked_identifiers.csv"),
        "email": POISONED[0],
        "phone": POISONED[1],
        "rows": rows,
        "poisoned": poisoned,
        "shuffle": shuffle,
    }
    with duckdb.connect(warehouse) as connection:
        for statement in _WAREHOUSE_SQL.split(";\n"):
            named = {name: value for name, value in stated.items() if f"${name}" in statement}
            connection.execute(statement, named)
