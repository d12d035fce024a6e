"""Plots are PNG pictures of a readable size, and the same evidence draws the same picture."""

import struct

from orchestration.insight.plots import calibration_plot, lift_plot
from orchestration.insight.training import Champion


def size_of(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    return width, height


def test_the_calibration_plot_is_a_picture_that_depends_on_its_evidence_alone(champion: Champion) -> None:
    picture = calibration_plot(champion.backtest.reliability, title="slope 1.00")
    assert min(size_of(picture)) > 400
    assert calibration_plot(champion.backtest.reliability, title="slope 1.00") == picture


def test_the_lift_plot_is_a_picture_that_depends_on_its_evidence_alone(champion: Champion) -> None:
    backtest = champion.backtest
    picture = lift_plot(backtest.lift, backtest.baseline_lift, title="AUC .80")
    assert min(size_of(picture)) > 400
    assert lift_plot(backtest.lift, backtest.baseline_lift, title="AUC .80") == picture
