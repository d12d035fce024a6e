"""The agreement report as pictures for its run page: bars of the measures. Nothing is computed."""

from collections.abc import Mapping, Sequence

from orchestration.foundation.pictures import MAIN_COLOUR, OTHER_COLOUR, QUIET_COLOUR, TEXT_COLOUR, canvas, png_of
from orchestration.identity.agreement.measures import Measure

_PLOTS: Mapping[str, tuple[str, str]] = {
    "customers_of_size": ("Customers by their number of records", "customers"),
    "suspects": ("Suspects for review", "customers, or pairs of customers"),
    "cut_by_guard": ("What guards cut", "rows of the review queue"),
    "unlinkable_records": ("Records that nothing can link", "records"),
    "weight_drift": ("Drift of match weights", "population stability index"),
}
_COUNTS = frozenset({"customers_of_size", "suspects", "cut_by_guard", "unlinkable_records"})


def plots_of(measures: Sequence[Measure]) -> dict[str, bytes]:
    """Return the pictures as PNG by name; of measures that have no row there is none."""
    groups = {
        name: [each for each in measures if each.measure == name or each.measure.endswith(f"_{name}")]
        for name in _PLOTS
    }
    return {f"plot_{name}": _bars(name, group) for name, group in groups.items() if group}


def _bars(name: str, measures: Sequence[Measure]) -> bytes:
    """Return one bar a subject, in the order given from the top; above its limit a bar has the other colour."""
    title, axis_label = _PLOTS[name]
    figure, axes = canvas(title)
    places = range(len(measures), 0, -1)
    values = [each.value or 0.0 for each in measures]
    colours = [
        OTHER_COLOUR if each.limit_value is not None and (each.value or 0.0) > each.limit_value else MAIN_COLOUR
        for each in measures
    ]
    bars = axes.barh(list(places), values, color=colours, height=0.7)
    axes.bar_label(bars, fmt="{:,.0f}" if name in _COUNTS else "{:.3f}", padding=3, fontsize=9, color=TEXT_COLOUR)
    axes.set_yticks(list(places), [_label(each) for each in measures])
    axes.set_xlabel(axis_label)
    axes.margins(x=0.15)
    if name in _COUNTS:
        axes.set_xscale("symlog", linthresh=10)
    limit = next((each.limit_value for each in measures if each.limit_value is not None), None)
    if limit is not None:
        axes.axvline(limit, color=QUIET_COLOUR, linestyle="--", linewidth=1, label="limit")
    return png_of(figure, axes, legend="none" if limit is None else "lower right")


def _label(measure: Measure) -> str:
    kind = measure.measure.removesuffix("_suspects")
    subject = measure.subject.replace("_", " ")
    return subject if kind == measure.measure else f"{kind.replace('_', ' ')}: {subject}"
