"""The explanation of two records as one page of HTML, with a waterfall of each compared pair."""

from collections.abc import Mapping
from html import escape

from orchestration.foundation.pages import page
from orchestration.identity.evidence.explained import Explanation, Step, Weight
from orchestration.identity.evidence.words import probability_words

_STYLE = """
:root { --against: #b3541e; --for: #0b5fa5; --start: #8a929b; }
@media (prefers-color-scheme: dark) { :root { --against: #e59a68; --for: #6cb2ee; --start: #79828c; } }
ol { list-style: none; margin: 0; padding: 0; }
li.step { border: 1px solid var(--line); border-radius: .5rem; margin: 1.2rem 0; padding: 1rem 1.2rem; }
li.step h2 { margin: 0 0 .3rem; overflow-wrap: anywhere; }
li.step h2 small { color: var(--quiet); font-weight: 400; margin-right: .6rem; }
code { font-family: ui-monospace, monospace; font-size: .92em; }
p.apart { color: var(--warn); } p b { color: CanvasText; }
.chart { display: grid; grid-template-columns: minmax(9rem, 17rem) minmax(8rem, 1fr) 6rem; margin-top: .8rem; }
.chart > div { border-bottom: 1px solid var(--line); padding: .35rem 0; font-size: .9rem; }
.chart .track { position: relative; min-height: 1.6rem; }
.chart .track::before { content: ""; position: absolute; left: var(--zero); top: 0; bottom: 0;
  border-left: 1px dashed var(--quiet); }
.chart .bar { position: absolute; left: var(--left); width: var(--width); top: .45rem; height: 1.1rem;
  border-radius: 2px; min-width: 2px; }
.for { background: var(--for); } .against { background: var(--against); } .start { background: var(--start); }
.sum { background: repeating-linear-gradient(45deg, var(--for) 0 4px, transparent 4px 7px);
  outline: 1px solid var(--for); }
li.step p:last-child { margin-bottom: 0; }
.chart .label { padding-right: .8rem; }
.chart .bits { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.chart small { display: block; color: var(--quiet); }
.chart .last { font-weight: 600; }
"""


def explanation_page(explanation: Explanation, values: Mapping[tuple[str, str], str]) -> str:
    """Return the page: the answer, and each step with its evidence.

    Args:
        explanation: what there is to say.
        values: identifiers in clear by type and hash, only where the reader asked for them.
    """
    title = "Why one customer" if explanation.is_one_customer else "Why two customers"
    steps = "".join(
        _step(number, step, explanation.apart[number - 1] if explanation.apart else None, values)
        for number, step in enumerate(explanation.steps, start=1)
    )
    note = (
        "<p>A bit doubles the odds that two records are one person: bars to the right speak for one person, bars to "
        "the left for two. No value of any record is on this page.</p>"
        if not values
        else "<p>This page holds personal data: mind where you keep it.</p>"
    )
    return page(title, f"<p>{escape(explanation.summary)}</p>{note}<ol>{steps}</ol>", style=_STYLE)


def _step(number: int, step: Step, apart: str | None, values: Mapping[tuple[str, str], str]) -> str:
    shown = values.get(step.identifier) if step.identifier else None
    value = f"<p>It is <code>{escape(shown)}</code>.</p>" if shown else ""
    kept = f'<p class="apart">Not followed, since {escape(apart)}.</p>' if apart else ""
    return (
        f'<li class="step"><h2><small>{number}</small><code>{escape(step.record_id_from)}</code> and '
        f"<code>{escape(step.record_id_to)}</code></h2><p>{escape(_capitalised(step.headline))}.</p>{value}{kept}"
        f"{_chart(step)}</li>"
    )


def _chart(step: Step) -> str:
    """Return the waterfall of a compared pair; each bar begins where the one above it ends."""
    if not step.weights or step.probability is None:
        return ""
    reached = [0.0, *(bar.total_bits for bar in step.weights)]
    low, high = min(reached), max(reached)
    span = (high - low) or 1.0
    rows = []
    for place, bar in enumerate(step.weights):
        kind = "start" if place == 0 else "for" if bar.bits > 0 else "against"
        rows.append(_bar(bar, (reached[place], reached[place + 1]), kind, low=low, span=span))
    total = step.weights[-1].total_bits
    told = f"{probability_words(step.probability)} probable that both are one person"
    rows.append(_bar(Weight("together", total, total, told), (0.0, total), "sum", low=low, span=span))
    zero = (0.0 - low) / span
    return f'<div class="chart" style="--zero: {zero:.2%}">{"".join(rows)}</div>'


def _bar(bar: Weight, ends: tuple[float, float], kind: str, *, low: float, span: float) -> str:
    left, width = (min(ends) - low) / span, abs(ends[1] - ends[0]) / span
    last = " last" if kind == "sum" else ""
    return (
        f'<div class="label{last}">{escape(_capitalised(bar.label))}<small>{escape(bar.words)}</small></div>'
        f'<div class="track"><span class="bar {kind}" style="--left: {left:.2%}; --width: {width:.2%}"></span></div>'
        f'<div class="bits{last}">{bar.bits:+.1f} bits</div>'
    )


def _capitalised(words: str) -> str:
    return words[:1].upper() + words[1:]
