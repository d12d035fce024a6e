"""Which column of a file holds what of a person: by the usual names, or as a mapping file says.

Belongs here: kinds of columns, their names, and the refusals of files without them. Does not belong here: how a value
is cleaned or compared.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import yaml

from orchestration.foundation.errors import ConfigurationFaulty, GenomeError, some_of

RECORD_ID = "record_id"
ENTITY_ID = "entity_id"

# fmt: off
_NAMES: Mapping[str, tuple[str, ...]] = {
    RECORD_ID: (
        "recordid", "recid", "uniqueid", "id", "rowid", "uid", "customerid", "personid", "contactid", "sourceid",
    ),
    ENTITY_ID: ("entityid", "clusterid", "cluster", "trueid", "truthid", "truepersonid", "groundtruth"),
    "given_name": (
        "givenname", "firstname", "forename", "fname", "first", "given", "vorname", "prenom", "namefirst", "firstnames",
        "givennames", "nombre", "christianname", "fnamec1", "nomprenom", "givenname1",
    ),
    "middle_name": ("middlename", "middle", "middlenames", "namemiddle", "middleinitial", "mname"),
    "family_name": (
        "familyname", "surname", "lastname", "lname", "last", "family", "nachname", "nomdefamille", "namelast", "sname",
        "apellido", "apellidos", "secondname", "lnamec1", "nom",
    ),
    "full_name": (
        "fullname", "name", "personname", "customername", "namefull", "nativenamefull", "nameorg", "displayname",
        "contactname", "companyname", "organisation", "organization", "company", "holder", "accountholder",
    ),
    "birth_date": (
        "dateofbirth", "dob", "birthdate", "birthday", "birthdt", "bdate", "borndate", "born", "geburtsdatum",
        "datenaissance", "bornon",
    ),
    "birth_year": ("birthyear", "yearofbirth", "yob", "by"),
    "birth_month": ("birthmonth", "monthofbirth", "mob", "bm"),
    "birth_day": ("birthdayofmonth", "dayofbirth", "bd"),
    "email": ("email", "emailaddress", "mail", "emailaddr", "contactemail"),
    "phone": (
        "phone", "phonenumber", "telephone", "telephonenumber", "tel", "mobile", "mobilephone", "mobilenumber",
        "cellphone", "cell", "telefon", "contactnumber", "homephone", "msisdn",
    ),
    "street": (
        "streetnumber", "houseno", "housenumber", "street", "streetname", "streetaddress", "address", "addressline1",
        "addressline2", "address1", "address2", "address3", "addrline1", "addrline2", "addrfull", "addr", "line1",
        "line2", "strasse", "adresse", "stno", "fulladdress", "addressfull",
    ),
    "city": ("city", "town", "suburb", "addrcity", "locality", "ort", "ville", "municipality", "cityname"),
    "postcode": (
        "postcode", "zip", "zipcode", "postalcode", "addrpostalcode", "postcodefake", "plz", "codepostal", "pcode",
    ),
    "state": ("state", "province", "region", "county", "addrstate", "stateprovince"),
    "country": ("country", "countrycode", "addrcountry", "land", "nation"),
    "gender": ("gender", "sex", "geschlecht"),
    "occupation": ("occupation", "job", "jobtitle", "profession", "employer", "position"),
    "birth_place": ("birthplace", "placeofbirth", "birthcity", "birthtown", "pob"),
    "national_id": (
        "nationalid", "nationalidnumber", "ssn", "ssnnumber", "socsecid", "socialsecuritynumber", "taxid", "nino",
        "nhsnumber", "personalnumber", "nino",
    ),
    "passport": ("passport", "passportnumber", "passportno"),
    "licence": ("driverslicensenumber", "driverslicense", "drivinglicence", "drivinglicencenumber", "licencenumber"),
    "card": ("loyaltycard", "cardnumber", "loyaltyid", "membershipnumber", "cardid", "memberid", "loyaltynumber"),
}
# fmt: on
KINDS = tuple(kind for kind in _NAMES if kind not in {RECORD_ID, ENTITY_ID})
"""All kinds of columns that records can be compared by."""

_PREFIXES = re.compile(r"^(?:primary|secondary|customer|client|person|contact|billing|shipping|home|current|main)(?=.)")
_NOT_ALNUM = re.compile(r"[^a-z0-9]")


class ColumnsUnusable(GenomeError):
    """A file by whose columns no records can be told apart or compared."""

    @classmethod
    def without_id(cls, path: Path, columns: Sequence[str]) -> Self:
        """Return the error for a file of records without their ids."""
        return cls(
            f"{path.name} has no column of record ids; it has {some_of(columns, limit=12)}. Every record needs an id "
            "of its own: name the column record_id, or say which it is in a mapping file: `record_id: <column>`."
        )

    @classmethod
    def without_persons(cls, path: Path, columns: Sequence[str]) -> Self:
        """Return the error for a file in which no column of a person is known."""
        return cls(
            f"{path.name} has no column that persons are compared by; it has {some_of(columns, limit=12)}. Known kinds "
            f"are {', '.join(KINDS)}: say which column is which in a mapping file, `<kind>: [<column>, …]`."
        )


@dataclass(frozen=True)
class ColumnMapping:
    """The columns of one file by kind, each list in the file's order."""

    record_id: str | None
    entity_id: str | None
    by_kind: Mapping[str, tuple[str, ...]]


def mapped_columns(columns: Sequence[str], stated: Mapping[str, tuple[str, ...]] | None = None) -> ColumnMapping:
    """Return which column holds what; what is stated goes before the usual names.

    Example:
        >>> mapped_columns(["rec_id", "Vorname", "E-Mail", "colour"]).by_kind
        {'given_name': ('Vorname',), 'email': ('E-Mail',)}
    """
    told = {column: kind for kind, names in (stated or {}).items() for column in names}
    kinds = {column: told.get(column) or kind_of(column) for column in columns}
    ids = _columns_of(RECORD_ID, kinds)
    entities = _columns_of(ENTITY_ID, kinds)
    by_kind = {kind: _columns_of(kind, kinds) for kind in KINDS}
    preferred = sorted(
        ids,
        key=lambda name: (
            name not in told,
            _NAMES[RECORD_ID].index(_letters(name)) if _letters(name) in _NAMES[RECORD_ID] else 0,
        ),
    )
    return ColumnMapping(
        preferred[0] if preferred else None,
        entities[0] if entities else None,
        {kind: names for kind, names in by_kind.items() if names},
    )


def _columns_of(kind: str, kinds: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(column for column, found in kinds.items() if found == kind)


def kind_of(column: str) -> str | None:
    """Return the kind of a column by its name, or None when the name tells nothing.

    Example:
        >>> kind_of("PRIMARY_NAME_LAST"), kind_of("amount")
        ('family_name', None)
    """
    letters = _letters(column)
    for name in (letters, _PREFIXES.sub("", letters)):
        for kind, names in _NAMES.items():
            if name in names:
                return kind
    return None


def _letters(column: str) -> str:
    return _NOT_ALNUM.sub("", column.lower())


def load_mapping(path: Path) -> Mapping[str, tuple[str, ...]]:
    """Return the stated columns by kind of a YAML mapping file.

    Raises:
        ConfigurationFaulty: the file is no mapping, names unknown kinds, or names a column twice.
    """
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigurationFaulty.of_faults(path.name, [f"unreadable: {type(error).__name__}"], _WAY_OUT) from error
    if not isinstance(document, dict):
        raise ConfigurationFaulty.of_faults(path.name, ["it is no mapping of kinds to columns"], _WAY_OUT)
    stated = {str(kind): _names(columns) for kind, columns in document.items()}
    faults = [f"kind {kind!r} is unknown" for kind in stated if kind not in _NAMES]
    every = [column for columns in stated.values() for column in columns]
    faults += [f"column {column!r} is named twice" for column in sorted({c for c in every if every.count(c) > 1})]
    if faults:
        raise ConfigurationFaulty.of_faults(path.name, faults, _WAY_OUT)
    return stated


def _names(columns: object) -> tuple[str, ...]:
    if isinstance(columns, Iterable) and not isinstance(columns, str):
        return tuple(str(column) for column in columns)
    return (str(columns),)


_WAY_OUT = f"Write `<kind>: [<column>, …]`; kinds are {', '.join(_NAMES)}."
