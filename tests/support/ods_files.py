"""OpenDocument spreadsheets written element by element, so that tests can say what stands in them."""

import io
from collections.abc import Mapping
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile

_NAMES = {"office": "office", "table": "table", "text": "text", "style": "style", "draw": "drawing"}
_SPACES = " ".join(f'xmlns:{n}="urn:oasis:names:tc:opendocument:xmlns:{space}:1.0"' for n, space in _NAMES.items())
_CALC = 'xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
_STYLES = (
    '<style:style style:name="shown" style:family="table"><style:table-properties table:display="true"/></style:style>'
    '<style:style style:name="hid" style:family="table"><style:table-properties table:display="false"/></style:style>'
)
_MANIFEST = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'


def text(value: str, attributes: str = "") -> str:
    """A cell with a text of one paragraph; blanks are stated, so that all of them count."""
    inner = escape(value).replace(" ", "<text:s/>").replace("\t", "<text:tab/>").replace("\n", "<text:line-break/>")
    return cell(f'office:value-type="string" {attributes}', f"<text:p>{inner}</text:p>")


def number(value: object, attributes: str = "") -> str:
    return cell(f'office:value-type="float" office:value="{value}" {attributes}', f"<text:p>{value} shown</text:p>")


def cell(attributes: str = "", inner: str = "", *, name: str = "table-cell") -> str:
    return f"<table:{name} {attributes}>{inner}</table:{name}>"


def row(*cells: str, attributes: str = "") -> str:
    return f"<table:table-row {attributes}>{''.join(cells)}</table:table-row>"


def ods(*rows: str, hidden: Mapping[str, str] | None = None, before: str = "", **sheets: str) -> bytes:
    """A workbook of the sheet `Sheet` of `rows`, of `sheets`, and `hidden` ones; `before` stands before its root."""
    shown = {"Sheet": "".join(rows), **sheets}
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{style}">{inner}</table:table>'
        for style, group in (("shown", shown), ("hid", hidden or {}))
        for name, inner in group.items()
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{before}<office:document-content {_SPACES} {_CALC}>'
        f"<office:automatic-styles>{_STYLES}</office:automatic-styles><office:body><office:spreadsheet>{tables}"
        "</office:spreadsheet></office:body></office:document-content>"
    )
    packed = io.BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", _MANIFEST)
        archive.writestr("content.xml", content)
    return packed.getvalue()
