"""What a contract says: the models of one column, one feed and one source, and the raw table that a feed lands in.

Loading them from `lake/contracts` is `contracts`' work; faults that only show between fields are `contract_faults`'.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field, field_validator

Pii = Literal["none", "direct", "indirect", "sensitive"]
DriftRule = Literal["evolve", "quarantine", "freeze"]

PROVENANCE: Mapping[str, tuple[pa.DataType, str]] = {
    "_extras": (pa.string(), "JSON object of the columns that the contract does not know; null when there are none."),
    "_source": (pa.string(), "The source whose contract landed the row."),
    "_feed": (pa.string(), "The feed of that source."),
    "_file": (pa.string(), "Name of the delivered file."),
    "_file_sha256": (pa.string(), "sha256 of the delivered bytes, lower hex."),
    "_row_number": (pa.int64(), "Ordinal of the physical record in its file, from 1; the header is not counted."),
    "_ingested_at": (pa.timestamp("us"), "When the row was landed, UTC."),
    "_run_id": (pa.string(), "The run that landed it."),
}


_NOT_OF_LANDING = frozenset(
    {
        "description",
        "key",
        "delivery",
        "duplicate_rule",
        "on_refused_file",
        "retention_days",
        "freshness_days",
        "standardise",
        "timezone",
    }
)
WORKBOOKS = ("ods", "xls", "xlsx")
"""The formats that have sheets."""
_NOT_OF_LANDING_COLUMN = frozenset({"pii", "purpose", "description"})
_OF_TYPES = frozenset({"formats", "decimal_mark"})
_OF_VALUES = frozenset({"accepted_values"})


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ColumnContract(_Strict):
    """One column of a feed.

    Attributes:
        type: what staging makes of the text.
        required: whether a file without the column is refused.
        aliases: other headers under which the column may arrive (case does not matter).
        formats: strptime formats in which dates and timestamps may be written, tried in order.
        decimal_mark: the mark between units and decimals.
        digits: of how many digits an id consists, leading zeros included; what lost some on its way can be told by it.
        accepted_values: the only values the column may hold; empty for any.
        pii: `direct` names a person, `indirect` helps to, `sensitive` needs its own consent.
        purpose: why the column is kept.
        description: what it says, one sentence.
    """

    type: Literal["text", "integer", "decimal", "date", "timestamp", "boolean", "json"]
    required: bool = False
    aliases: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    decimal_mark: Literal[".", ","] = "."
    digits: int | None = Field(default=None, ge=1, le=38)
    accepted_values: tuple[str, ...] = ()
    pii: Pii
    purpose: str = Field(min_length=1)
    description: str = Field(min_length=1)


class StandardiseRule(_Strict):
    """One place of a feed whose distinct values are standardised.

    Attributes:
        kind: what the values are (`as` in the file).
        column: the column that holds them.
        json_path: where in a json column, such as `$.email`.
        country_column: for phones, the column that tells the country.
        country_json_path: where in that column, when it is json.
        country: for phones, the country of numbers without dialling code where no column tells it.
    """

    kind: Literal["email", "phone", "name", "country"] = Field(alias="as")
    column: str
    json_path: str | None = Field(default=None, pattern=r"^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$")
    country_column: str | None = None
    country_json_path: str | None = Field(default=None, pattern=r"^\$(\.[A-Za-z_][A-Za-z0-9_]*)+$")
    country: str | None = Field(default=None, pattern="^[A-Z]{2}$")


class SpreadsheetContract(_Strict):
    """Where the rows of a workbook stand.

    The header is the row among the first ones that names the most columns of the contract. What stands above it, and a
    totals row below, is no record of the feed: it goes to quarantine. A row without any value is none, like a blank
    line. Hidden sheets are not read.

    Attributes:
        sheet: glob on the names of visible sheets; exactly one may match.
        header_within_rows: how many rows from the top may hold the header.
        totals_labels: a row whose first filled cell is one of them is a totals row; case and a closing colon do not
            matter.
    """

    sheet: str = Field(default="*", min_length=1)
    header_within_rows: int = Field(default=20, ge=1, le=1000)
    totals_labels: tuple[str, ...] = ()


class FixedWidthContract(_Strict):
    """At which characters of a line the cells of a fixed-width file stand.

    Attributes:
        positions: the first and the last character of each column's cell, counted from 1, as file layouts state them.
        record_width: how many characters a line has; where nothing is stated, up to the last cell.
        may_end_early: whether the blanks at a line's end may be missing.
        header_lines: how many lines at the top are no records.
    """

    positions: Mapping[str, tuple[int, int]] = Field(min_length=1)
    record_width: int | None = Field(default=None, ge=1)
    may_end_early: bool = False
    header_lines: int = Field(default=0, ge=0, le=100)

    @property
    def width(self) -> int:
        """How many characters a line has."""
        return self.record_width or max(last for _, last in self.positions.values())

    def gaps(self) -> tuple[tuple[int, int], ...]:
        """Return the first and last character of each stretch of a line in which no cell stands.

        Example:
            >>> FixedWidthContract(positions={"b": (6, 8), "a": (1, 3)}, record_width=10).gaps()
            ((4, 5), (9, 10))
        """
        placed = sorted(self.positions.values())
        begins = [1, *(last + 1 for _, last in placed)]
        ends = [*(first - 1 for first, _ in placed), self.width]
        return tuple((begin, end) for begin, end in zip(begins, ends, strict=True) if begin <= end)


class XmlContract(_Strict):
    """Which elements of an XML file are its records.

    Attributes:
        record: the record element's name as written, wherever it stands, or its path from the root, such as
            `export/orders/order`.
        lists: names of elements inside a record that are a JSON array even where they stand once.
    """

    record: str = Field(pattern=r"^[^/\s<>@#]+(/[^/\s<>@#]+)*$")
    lists: tuple[str, ...] = ()


class DriftContract(_Strict):
    """What landing does when a file is not as agreed.

    The row rules of staging judge types and values of all that landed, whatever is stated here. Where something is
    stated, landing reads the cells first: `evolve` lands them and tells of them, `quarantine` puts their records there,
    `freeze` refuses the file. What is quarantined or refused at landing never comes to staging, so that nothing is
    refused twice. Where nothing is stated, landing does not look at them and takes no time over it.

    Attributes:
        columns: with columns that the contract does not know: `evolve` keeps their cells in `_extras`, `quarantine`
            puts the rows that have such cells there, `freeze` refuses the file.
        types: with cells that cannot be read as their column's type, by its formats and its decimal mark; null leaves
            them to staging.
        values: with cells that are none of the accepted values of their column, blanks around them aside; null leaves
            them to staging.
    """

    columns: DriftRule = "evolve"
    types: DriftRule | None = None
    values: DriftRule | None = None


class FeedContract(_Strict):
    """One feed: a kind of file that one source delivers again and again.

    Attributes:
        source: name of the source (the file's stem).
        name: name of the feed inside its source.
        description: its grain, beginning with `One row per`.
        format: the files' format, `json` being an array of objects; `detect` looks at each file's first bytes.
        file_pattern: glob on a file's base name; case matters.
        delimiter: between the cells of a CSV file, or `detect`.
        quote: around cells of a CSV file; empty for none.
        encoding: of the text, a Python codec's name or `detect`.
        spreadsheet: where in a workbook the rows stand; for xlsx, xls and ods only.
        fixed_width: where in a line the cells stand; for fixed_width only.
        xml: which elements are the records; for xml only.
        records: for json only, the keys that lead to the array of records where it stands inside objects, joined by
            dots, such as `data.items`.
        timezone: IANA zone of timestamps without one.
        delivery: whether a file is the full state, what changed, or events.
        columns: the columns by canonical name, in order.
        key: columns that name the thing a row is about; empty for none.
        duplicate_rule: `latest_version` keeps the newest row of a key, `exact_row` drops only equal rows.
        on_refused_file: whether a refused file stops the night.
        on_drift: what is done when a file is not as agreed.
        retention_days: how long the archive keeps the delivered files.
        freshness_days: after how many days without a file the feed is late; null for never.
        standardise: values that are standardised once per distinct value.
    """

    source: str
    name: str
    description: str = Field(pattern=r"^One row per .")
    format: Literal["csv", "fixed_width", "json", "ndjson", "ods", "parquet", "xls", "xlsx", "xml", "detect"]
    file_pattern: str = Field(min_length=1)
    delimiter: str = Field(default="detect", pattern=r"^(detect|[\t !#-~])$")
    quote: str = Field(default='"', pattern=r"^[!-~]?$")
    encoding: str = "detect"
    spreadsheet: SpreadsheetContract | None = None
    fixed_width: FixedWidthContract | None = None
    xml: XmlContract | None = None
    records: str | None = Field(default=None, pattern=r"^[^.]+(\.[^.]+)*$")
    timezone: str = "UTC"
    delivery: Literal["snapshot", "delta", "events"]
    columns: Mapping[str, ColumnContract] = Field(min_length=1)
    key: tuple[str, ...] = ()
    duplicate_rule: Literal["latest_version", "exact_row"]
    on_refused_file: Literal["warn", "stop"] = "warn"
    on_drift: DriftContract = DriftContract()
    retention_days: int = Field(ge=1)
    freshness_days: int | None = Field(default=None, ge=1)
    standardise: tuple[StandardiseRule, ...] = ()

    @field_validator("timezone")
    @classmethod
    def _is_a_known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError) as error:
            message = f"{name!r} is no IANA time zone"
            raise ValueError(message) from error
        return name

    @field_validator("encoding")
    @classmethod
    def _is_a_known_codec(cls, name: str) -> str:
        if name != "detect":
            try:
                "".encode(name)
            except LookupError as error:
                message = f"{name!r} is no encoding that Python knows"
                raise ValueError(message) from error
        return name

    @property
    def table(self) -> str:
        """The feed's raw lake table."""
        return f"raw/{self.source}/{self.name}"

    @property
    def records_path(self) -> tuple[str, ...]:
        """The keys that lead to a JSON file's array of records; none where the file is the array."""
        return tuple(self.records.split(".")) if self.records else ()

    @property
    def fixed_width_rules(self) -> FixedWidthContract:
        """Where the cells of a fixed-width file stand.

        Raises:
            ValueError: the feed has another format; `contract_faults` sees to it that no other case comes here.
        """
        if self.fixed_width is None:
            message = f"{self.source}.{self.name} states no positions"
            raise ValueError(message)
        return self.fixed_width

    @property
    def xml_rules(self) -> XmlContract:
        """Which elements of an XML file are its records.

        Raises:
            ValueError: the feed has another format; `contract_faults` sees to it that no other case comes here.
        """
        if self.xml is None:
            message = f"{self.source}.{self.name} states no record element"
            raise ValueError(message)
        return self.xml

    @property
    def required_columns(self) -> tuple[str, ...]:
        """Columns without which a file is refused, in order."""
        return tuple(name for name, column in self.columns.items() if column.required)

    @property
    def landing_fingerprint(self) -> str:
        """A sha256 over all that the contract says about how a file lands; descriptions and staging's rules are not.

        What a column's type and values must be counts where `on_drift` says what landing does about them. What is at
        its default does not count, so that a new setting of a later version changes no fingerprint.
        """
        stated = self.model_dump(mode="json", exclude_defaults=True, exclude=set(_NOT_OF_LANDING))
        of_staging = _NOT_OF_LANDING_COLUMN
        of_staging |= _OF_TYPES if self.on_drift.types is None else frozenset()
        of_staging |= _OF_VALUES if self.on_drift.values is None else frozenset()
        columns = [
            (name, {key: value for key, value in column.items() if key not in of_staging})
            for name, column in stated.pop("columns").items()
        ]
        return hashlib.sha256(json.dumps([stated, columns], sort_keys=True).encode()).hexdigest()

    def column_of_header(self, header: str) -> str | None:
        """Return the canonical column under whose name or alias a header arrives, or None when it is unknown.

        Blanks around the header and the case of its letters do not matter; all else does.
        """
        return self._columns_by_header().get(folded_header(header))

    def _columns_by_header(self) -> dict[str, str]:
        return {folded_header(n): name for name, column in self.columns.items() for n in (name, *column.aliases)}


class SourceContract(_Strict):
    """One source: who delivers, who owns it here, and its feeds by name.

    Attributes:
        source: its name, that of the file.
        owner: the team, or the address of the person, that answers for it here.
        description: what it is.
        feeds: the kinds of files that it delivers, by name.
    """

    source: str
    owner: str = Field(min_length=1)
    description: str = Field(min_length=1)
    feeds: Mapping[str, FeedContract] = Field(min_length=1)


def raw_schema(feed: FeedContract) -> pa.Schema:
    """Return the Arrow schema of a feed's raw table: its columns as text, then the provenance columns."""
    columns = {name: pa.string() for name in feed.columns}
    return pa.schema({**columns, **{name: kind for name, (kind, _) in PROVENANCE.items()}})


def folded_header(header: str) -> str:
    """Return a header as it is compared: blanks around it and the case of its letters do not matter."""
    return header.strip().casefold()
