"""A champion's backtest as pictures for its page: PNG bytes, drawn from the record's evidence. Nothing is computed."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from orchestration.foundation.pictures import (
    MAIN_COLOUR,
    OTHER_COLOUR,
    QUIET_COLOUR,
    TEXT_COLOUR,
    canvas,
    png_of,
)
from orchestration.insight.metrics import LiftDecile, ReliabilityBin

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


def calibration_plot(bins: Sequence[ReliabilityBin], *, title: str) -> bytes:
    """Return a PNG of what was predicted against what happened, in bins with 95 % intervals, beside the diagonal.

    Args:
        bins: `reliability` of the backtest.
        title: one line above the picture, such as the slope with its interval.
    """
    figure, axes = _canvas(title)
    predicted = [each.probability_mean for each in bins]
    observed = [each.purchase_share for each in bins]
    below = [each.purchase_share - each.purchase_share_low for each in bins]
    above = [each.purchase_share_high - each.purchase_share for each in bins]
    axes.plot([0, 1], [0, 1], color=QUIET_COLOUR, linewidth=1, linestyle="--", label="predicted = observed")
    axes.errorbar(
        predicted,
        observed,
        yerr=[below, above],
        color=MAIN_COLOUR,
        ecolor=MAIN_COLOUR,
        marker="o",
        markersize=6,
        linewidth=1.5,
        elinewidth=1,
        capsize=3,
        label="a tenth of the customers, with 95 % interval",
    )
    axes.set_xlabel("predicted probability of a purchase in the next 90 days")
    axes.set_ylabel("share that purchased")
    return png_of(figure, axes, legend="upper left")


def lift_plot(lift: Sequence[LiftDecile], baseline: Sequence[LiftDecile], *, title: str) -> bytes:
    """Return a PNG of the share of purchasers reached by taking the likeliest customers first, beside recency.

    Args:
        lift: `lift_by_decile` of the backtest's probabilities.
        baseline: the same of the recency baseline on the same customers.
        title: one line above the picture, such as the AUC of both.
    """
    figure, axes = _canvas(title)
    axes.plot([0, 1], [0, 1], color=QUIET_COLOUR, linewidth=1, linestyle="--", label="in any order")
    for deciles, colour, label in (
        (baseline, OTHER_COLOUR, "latest order first"),
        (lift, MAIN_COLOUR, "likeliest first"),
    ):
        customers = _cumulative_share([each.customers_count for each in deciles])
        reached = [0.0, *(each.cumulative_purchasers_share for each in deciles)]
        axes.plot(customers, reached, color=colour, marker="o", markersize=4, linewidth=1.5, label=label)
    if lift:
        first = lift[0]
        axes.annotate(
            f"first tenth: {first.lift:.1f} times the average",
            xy=(first.customers_count / sum(each.customers_count for each in lift), first.cumulative_purchasers_share),
            xytext=(0.22, 0.06),
            color=TEXT_COLOUR,
            fontsize=9,
            arrowprops={"arrowstyle": "-", "color": QUIET_COLOUR},
        )
    axes.set_xlabel("share of customers")
    axes.set_ylabel("share of purchasers among them")
    return png_of(figure, axes, legend="lower right")


def _cumulative_share(counts: Sequence[int]) -> list[float]:
    total = sum(counts)
    return [sum(counts[:number]) / total for number in range(len(counts) + 1)]


def _canvas(title: str) -> tuple["Figure", "Axes"]:
    """Return a canvas on which both axes are shares."""
    from matplotlib.ticker import PercentFormatter

    figure, axes = canvas(title)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, 1.02)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, decimals=0))
    return figure, axes
