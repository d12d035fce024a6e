"""The canvas of every plot of the product: one size, one set of colours, PNG bytes and Markdown that carries them.

Belongs here: how a plot looks. Does not belong here: what is drawn; each stage draws its own evidence. Figures are made
without pyplot, so that no global state and no display is needed.
"""

import base64
import io
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MAIN_COLOUR = "#0b5fa5"
OTHER_COLOUR = "#c8772b"
QUIET_COLOUR = "#8a8f98"
TEXT_COLOUR = "#22262b"
_SIZE = (6.4, 5.2)
_DPI = 120


def canvas(title: str) -> tuple["Figure", "Axes"]:
    """Return an empty figure with quiet axes and a title of one line."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=_SIZE, dpi=_DPI, layout="constrained", facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_title(title, loc="left", fontsize=11, color=TEXT_COLOUR)
    for axis in (axes.xaxis, axes.yaxis):
        axis.label.set_color(TEXT_COLOUR)
    axes.tick_params(colors=TEXT_COLOUR, labelsize=9)
    axes.grid(visible=True, color="#e6e8eb", linewidth=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    return figure, axes


def png_of(figure: "Figure", axes: "Axes", *, legend: Literal["upper left", "lower right", "none"]) -> bytes:
    """Return the figure as PNG bytes, the same for the same drawing."""
    if legend != "none":
        axes.legend(loc=legend, frameon=False, fontsize=9, labelcolor=TEXT_COLOUR)
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def as_markdown_picture(png: bytes) -> str:
    """Return Markdown that shows the picture without a file beside it.

    Example:
        >>> as_markdown_picture(b"abc")
        '![plot](data:image/png;base64,YWJj)'
    """
    return f"![plot](data:image/png;base64,{base64.b64encode(png).decode()})"
