"""The frame of the pages that commands write: one file each, readable without a network.

Belongs here: the document and the style that all pages share. Does not belong here: what a page says.
"""

from html import escape

_STYLE = """
:root { color-scheme: light dark; --line: #d7dbe0; --quiet: #626a73; --mark: #0b5fa5; --warn: #b3541e; }
:root { --bar: #0b5fa522; }
@media (prefers-color-scheme: dark) {
  :root { --line: #3a4048; --quiet: #9aa3ad; --mark: #6cb2ee; --warn: #e59a68; --bar: #6cb2ee33; }
}
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; } h2 { font-size: 1.15rem; margin: 2.2rem 0 .4rem; }
p { margin: .3rem 0 .8rem; color: var(--quiet); max-width: 60rem; }
"""


def page(title: str, body: str, *, style: str = "") -> str:
    """Return a whole HTML document: no script, no font and no picture from elsewhere.

    Args:
        title: its title, as text; it is also its first heading.
        body: HTML, in which the caller has escaped whatever is not its own.
        style: CSS after the style that all pages share.
    """
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(title)}</title>
<style>{_STYLE}{style.lstrip()}</style>
</head>
<body>
<h1>{escape(title)}</h1>
{body}
</body>
</html>
"""
