from pathlib import Path

from orchestration.sample_company import noise

README = Path(noise.__file__).with_name("README.md")


def _stated() -> dict[tuple[str, str, str], float]:
    rates: dict[tuple[str, str, str], float] = {}
    for line in README.read_text(encoding="utf-8").partition("| field | noise |")[2].splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 4:
            for source, cell in zip(("crm", "shop"), cells[2:], strict=True):
                if cell.endswith("%"):
                    rates[source, cells[0], cells[1]] = round(float(cell.rstrip(" %")) / 100, 6)
    return rates


def test_the_page_states_every_noise_rate() -> None:
    expected: dict[tuple[str, str, str], float] = {}
    for source, fields, records in (
        ("crm", noise.CRM_PROFILE_NOISE, noise.CRM_RECORD_NOISE),
        ("shop", noise.SHOP_PROFILE_NOISE, noise.SHOP_RECORD_NOISE),
    ):
        for field, rates in {**fields, "record": records}.items():
            for kind, rate in rates.items():
                expected[source, field, kind] = rate
    assert _stated() == expected
