"""The profiles as one page of HTML."""

from collections.abc import Iterable, Mapping
from html import escape

from orchestration.foundation.pages import page
from orchestration.profiles.nightly.drift import ProfileRow
from orchestration.profiles.nightly.shown import (
    COLUMNS_SHOWN,
    DRIFT_SHOWN,
    HANDLING_SHOWN,
    JOINS_SHOWN,
    ProfilesShown,
    as_shown,
    files_told,
)

_STYLE = """
.table { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .88rem; }
th { text-align: left; font-weight: 600; color: var(--quiet); }
th, td { padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); vertical-align: top; }
td.bar { background: linear-gradient(to right, var(--bar) var(--share), transparent var(--share)); }
td.bar { padding-left: .4rem; }
td.code { font-family: ui-monospace, monospace; font-size: .84rem; overflow-wrap: anywhere; }
td.warn { color: var(--warn); }
summary { cursor: pointer; padding: .35rem 0; border-bottom: 1px solid var(--line); }
summary b { color: var(--mark); } summary span { color: var(--quiet); margin-left: .8rem; }
details[open] { margin-bottom: 1.2rem; }
nav a { color: var(--mark); margin-right: 1.2rem; }
"""
_CODE = {"column_name", "contradicting_column_name", "shape", "values_of", "found_in"}
_BARS = {"empty": "empty_share", "containment": "containment_share"}
_WARN = {"reason_code", "contradiction_code"}


def profiles_page(shown: ProfilesShown) -> str:
    """Return the page: what changed, which columns belong together, and each feed with its columns.

    Every text that comes from a delivered file, such as the name of a column, is escaped.
    """
    changed = _table(shown.drift, DRIFT_SHOWN) or "<p>No column changed since its feed last arrived.</p>"
    joins = _table(shown.joins, JOINS_SHOWN) or "<p>No column's values are found in another feed yet.</p>"
    handling = (
        _table(shown.contradictions, HANDLING_SHOWN) or "<p>No column looks more personal than its contract says.</p>"
    )
    feeds = "".join(_feed(name, rows, shown.drift) for name, rows in shown.columns.items())
    nights = sorted({str(row["as_of_on"]) for rows in shown.columns.values() for row in rows})
    until = f"Last night with deliveries: {nights[-1]}. " if nights else "No night has profiled anything yet. "
    body = f"""<p>{until}Shares, counts and shapes only: no value of any column is shown, and of values
only hashes are kept; those of personal data tell nothing without this installation's secret.</p>
<nav><a href="#changes">Changes ({len(shown.drift)})</a><a
href="#handling">Personal data ({len(shown.contradictions)})</a><a href="#joins">Joins ({len(shown.joins)})</a><a
href="#feeds">Feeds ({len(shown.columns)})</a></nav>
<h2 id="changes">What changed</h2>
<p>Each feed against the last night before in which it arrived: large changes that are more than chance.</p>
{changed}
<h2 id="handling">Which columns look more personal than their contract says</h2>
<p>Mend <code>pii</code> of the column in lake/contracts: what names people is kept apart and never published.</p>
{handling}
<h2 id="joins">Which columns belong together</h2>
<p>How much of a column's distinct values is found in a column of another feed; in brackets the 95&nbsp;% interval of
an estimate from 2,048 hashes. <i>Inclusion</i>: nearly all of them. <i>Overlap</i>: a good part.</p>
{joins}
<h2 id="feeds">Feeds</h2>
<p>Of each feed what arrived in its last night. Letters are shown as a, digits as 9.</p>
{feeds}"""
    return page("Profiles of the feeds", body, style=_STYLE)


def _feed(name: str, rows: Iterable[ProfileRow], drift: Iterable[ProfileRow]) -> str:
    listed = list(rows)
    first = listed[0]
    changes = sum(f"{row['source']}/{row['feed']}" == name for row in drift)
    whole = [row["rows_count"] for row in listed if not set(row["column_name"]) & set(".[")]
    count = max(whole or [row["rows_count"] for row in listed])
    told = f"{count:,} rows in {files_told(first)}, night {first['as_of_on']}, {len(listed)} columns"
    marked = f"{told}, {changes} changed" if changes else told
    return (
        f"<details><summary><b>{escape(name)}</b><span>{escape(marked)}</span></summary>"
        f"{_table(listed, COLUMNS_SHOWN)}</details>"
    )


def _table(rows: Iterable[ProfileRow], titles: Mapping[str, str]) -> str:
    listed = list(rows)
    if not listed:
        return ""
    head = "".join(f"<th>{escape(title)}</th>" for title in titles.values())
    body = "".join(
        f"<tr>{''.join(_cell(name, text, row) for name, text in zip(titles, cells, strict=True))}</tr>"
        for row, cells in zip(listed, as_shown(listed, titles), strict=True)
    )
    return f'<div class="table"><table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(name: str, text: str, row: ProfileRow) -> str:
    if name in _BARS:
        return f'<td class="bar" style="--share: {row[_BARS[name]]:.1%}">{escape(text)}</td>'
    kind = "code" if name in _CODE else "warn" if name in _WARN else ""
    return f'<td class="{kind}">{escape(text)}</td>' if kind else f"<td>{escape(text)}</td>"
