"""Workbooks as programs write them that are not Excel, part by part: the same sheet in many spellings.

A sheet has a header of texts in its first row. Cells are texts (shared, inline, of a formula, rich), numbers in any
spelling, truth values, errors, and days and times as serial numbers of either epoch.
"""

import io
import random
from dataclasses import dataclass, field
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_TEXTS = (
    *(
        "0042",
        "00",
        " padded ",
        " ",
        "\u00a0",
        "a\nb",
        "a\tb",
        "<&>\"'",
        "=1+1",
        "+1",
        "'0042",
        "4.06112E+15",
        "1.234,50",
    ),
    *(
        "1,234.50",
        "12,5",
        "30/06/2026",
        "2026-06-30",
        "45000",
        "TRUE",
        "#N/A",
        "N/A",
        "NULL",
        "é日😀",
        "e\u0301",
        "\u200b",
    ),
    *("x" * 3000, "_xFOO_", "a_b", "{}", "[1]", '""'),
)
_NUMBERS = (
    *("0", "1", "-1", "42", "0.1", "0.30000000000000004", "12.50", "1E2", "4.00738123456789E+15", "4007381234567890"),
    *("1e-7", "1.5E-05", "123456789012345680", "-0.5", "100000", "3.14159265358979", "99999.999999999996", ".5", "2."),
    *("4007381234567890123", "-18446744073709551617", "9007199254740993", "1234567890123456"),
)
_DAYS = ("45000", "61", "36526", "44927.5", "45107.351400462962", "73050", "1462")
_TIMES = ("0.5", "0.351388888888889", "0.99998842592592594")
_ERRORS = ("#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NULL!", "#NUM!")
# Numbers of formats in the styles below.
_GENERAL, _PERCENT, _DAY, _INSTANT, _TIME, _OWN_DAY, _THOUSANDS, _TEXT, _HOURS = range(9)
_FORMATS = (0, 10, 14, 22, 21, 164, 4, 49, 46)


@dataclass
class ForeignXlsx:
    """A workbook in the making: what its parts hold and how they are spelled."""

    chance: random.Random
    is_1904: bool
    prefix: str
    shared: list[str] = field(default_factory=list)
    is_placed: bool = True

    def cell(self, place: str) -> str:  # noqa: PLR0911 - one kind of cell after another
        """A cell of any kind, or none."""
        chance = self.chance
        kind = chance.choice(
            ("none", "blank", "shared", "inline", "rich", "formula", "number", "number", "day", "other")
        )
        at = f' r="{place}"' if self.is_placed else ""
        match kind:
            case "none":
                return "" if self.is_placed else self.tag("c", at)
            case "blank":
                return self.tag("c", f'{at} s="{chance.choice((_DAY, _TEXT))}"')
            case "shared" | "rich":
                return self.tag("c", f'{at} t="s"', self._value(str(self._shared(is_rich=kind == "rich"))))
            case "inline":
                return self.tag("c", f'{at} t="inlineStr"', self.tag("is", "", self._t(chance.choice(_TEXTS))))
            case "formula":
                formula = self.tag("f", "", "A1&amp;B1")
                return self.tag("c", f'{at} t="str"', formula + self._value(escape(chance.choice(_TEXTS))))
            case "number":
                style = chance.choice((_GENERAL, _GENERAL, _PERCENT, _THOUSANDS, _TEXT))
                formula = self.tag("f", "", "SUM(A1:A2)") if chance.random() < 0.2 else ""
                stated = chance.choice(("", ' t="n"'))
                return self.tag("c", f'{at} s="{style}"{stated}', formula + self._value(chance.choice(_NUMBERS)))
            case "day":
                return self._moment(at)
            case _:
                return self._other(at)

    def header(self, place: str, name: str) -> str:
        at = f' r="{place}"' if self.is_placed else ""
        return self.tag("c", f'{at} t="inlineStr"', self.tag("is", "", self._t(name)))

    def part(self, root: str, inner: str) -> str:
        space = f"xmlns:{self.prefix}" if self.prefix else "xmlns"
        name = self._name(root)
        return f'<?xml version="1.0" encoding="UTF-8"?><{name} {space}="{_MAIN}" xmlns:r="{_OFFICE}">{inner}</{name}>'

    def row(self, number: int, cells: str, attributes: str = "") -> str:
        return self.tag("row", (f' r="{number}"' if self.is_placed else "") + attributes, cells)

    def _moment(self, at: str) -> str:
        style = self.chance.choice((_DAY, _INSTANT, _OWN_DAY, _TIME))
        return self.tag("c", f'{at} s="{style}"', self._value(self.chance.choice(_TIMES if style == _TIME else _DAYS)))

    def _other(self, at: str) -> str:
        chance = self.chance
        kind = chance.choice(("b", "e", "empty", "d"))
        if kind == "b":
            return self.tag("c", f'{at} t="b"', self._value(chance.choice("01")))
        if kind == "e":
            return self.tag("c", f'{at} t="e"', self._value(chance.choice(_ERRORS)))
        if kind == "d":
            return self.tag("c", f'{at} t="d" s="{_INSTANT}"', self._value("2026-06-30T08:26:01"))
        return self.tag("c", f'{at} t="str"', chance.choice((self.tag("v"), self._value(""))))

    def _shared(self, *, is_rich: bool) -> int:
        chance = self.chance
        runs = [self._t(chance.choice(_TEXTS)) for _ in range(chance.randint(1, 3) if is_rich else 1)]
        bold = self.tag("rPr", "", self.tag("b"))
        spoken = self.tag("rPh", ' sb="0" eb="1"', self._t("spoken")) if is_rich and chance.random() < 0.3 else ""
        inner = "".join(self.tag("r", "", bold + run) for run in runs) + spoken if is_rich else runs[0]
        self.shared.append(self.tag("si", "", inner))
        return len(self.shared) - 1

    def _t(self, text: str) -> str:
        return self.tag("t", ' xml:space="preserve"', escape(text))

    def _value(self, text: str) -> str:
        return self.tag("v", "", text)

    def tag(self, name: str, attributes: str = "", inner: str = "") -> str:
        """An element, its name under the workbook's prefix."""
        own = self._name(name)
        return f"<{own}{attributes}>{inner}</{own}>" if inner else f"<{own}{attributes}/>"

    def _name(self, name: str) -> str:
        return f"{self.prefix}:{name}" if self.prefix else name


def foreign_xlsx(seed: int) -> bytes:
    """One workbook with one visible sheet."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    made = ForeignXlsx(chance, is_1904=chance.random() < 0.3, prefix=chance.choice(("", "", "x")))
    made.is_placed = chance.random() < 0.8
    width = chance.randint(1, 6)
    rows = [made.row(1, "".join(made.header(f"{'ABCDEF'[at]}1", f"c{at}") for at in range(width)))]
    number = 1
    for _ in range(chance.randint(0, 12)):
        number += 1 if not made.is_placed else chance.choice((1, 1, 1, 2, 5))
        hidden = chance.choice(("", "", ' hidden="1"', ' ht="30"'))
        rows.append(made.row(number, "".join(made.cell(f"{'ABCDEF'[at]}{number}") for at in range(width)), hidden))
    around = made.tag("mergeCells", ' count="1"', made.tag("mergeCell", f' ref="A{number + 1}:B{number + 2}"'))
    sheet = made.part("worksheet", made.tag("sheetData", "", "".join(rows)) + chance.choice(("", around)))
    return _packed(made, sheet)


def _packed(made: ForeignXlsx, sheet: str) -> bytes:
    chance = made.chance
    hidden = chance.choice((None, "hidden", "veryHidden"))
    names = [("Data & more", None), *([("old", hidden)] if hidden else [])]
    entries = "".join(
        made.tag(
            "sheet", f' name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"' + (f' state="{state}"' if state else "")
        )
        for at, (name, state) in enumerate(names, start=1)
    )
    properties = made.tag("workbookPr", ' date1904="1"' if made.is_1904 else "")
    folder = chance.choice(("worksheets", "/xl/worksheets"))
    relations = "".join(
        f'<Relationship Id="rId{at}" Type="{_OFFICE}/worksheet" Target="{folder}/sheet{at}.xml"/>'
        for at in range(1, len(names) + 1)
    )
    parts = {
        "xl/workbook.xml": made.part("workbook", properties + made.tag("sheets", "", entries)),
        "xl/worksheets/sheet1.xml": sheet,
        "xl/styles.xml": made.part("styleSheet", _styles(made)),
        "_rels/.rels": _relations(f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/>'),
    }
    relations += f'<Relationship Id="s1" Type="{_OFFICE}/styles" Target="styles.xml"/>'
    kinds = [("xl/workbook.xml", "sheet.main"), ("xl/worksheets/sheet1.xml", "worksheet"), ("xl/styles.xml", "styles")]
    if hidden:
        parts["xl/worksheets/sheet2.xml"] = made.part("worksheet", made.tag("sheetData"))
        kinds.append(("xl/worksheets/sheet2.xml", "worksheet"))
    if made.shared:
        parts["xl/sharedStrings.xml"] = made.part("sst", "".join(made.shared))
        relations += f'<Relationship Id="t1" Type="{_OFFICE}/sharedStrings" Target="sharedStrings.xml"/>'
        kinds.append(("xl/sharedStrings.xml", "sharedStrings"))
    parts["xl/_rels/workbook.xml.rels"] = _relations(relations)
    parts["[Content_Types].xml"] = _types(kinds)
    packed = io.BytesIO()
    with ZipFile(packed, "w", chance.choice((ZIP_DEFLATED, ZIP_STORED))) as archive:
        for name, text in chance.sample(list(parts.items()), len(parts)):
            archive.writestr(name, text)
    return packed.getvalue()


def _styles(made: ForeignXlsx) -> str:
    own = made.tag("numFmt", ' numFmtId="164" formatCode="dd\\-mmm\\-yyyy;@"')
    base = made.tag("xf", ' numFmtId="0"')
    return (
        made.tag("numFmts", ' count="1"', own)
        + made.tag("fonts", ' count="1"', made.tag("font"))
        + made.tag("fills", ' count="1"', made.tag("fill", "", made.tag("patternFill", ' patternType="none"')))
        + made.tag("borders", ' count="1"', made.tag("border"))
        + made.tag("cellStyleXfs", ' count="1"', base)
        + made.tag("cellXfs", "", "".join(made.tag("xf", f' numFmtId="{n}" applyNumberFormat="1"') for n in _FORMATS))
        + made.tag("cellStyles", "", made.tag("cellStyle", ' name="Normal" xfId="0" builtinId="0"'))
    )


def _relations(inner: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{inner}</Relationships>'


def _types(kinds: list[tuple[str, str]]) -> str:
    office = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    overrides = "".join(f'<Override PartName="/{part}" ContentType="{office}.{kind}+xml"/>' for part, kind in kinds)
    defaults = (
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
    )
    return f'<Types xmlns="{_PACKAGE}/content-types">{defaults}{overrides}</Types>'
