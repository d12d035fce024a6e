"""Money is decimal(18,2) beside an ISO 4217 code; rounding is half to even, once, where an amount is made."""

from decimal import ROUND_HALF_EVEN, Decimal

import pyarrow as pa

AMOUNT_TYPE = pa.decimal128(18, 2)
_CENT = Decimal("0.01")


def amount(value: Decimal | int | str) -> Decimal:
    """Return `value` as an amount of two decimals.

    Raises:
        decimal.InvalidOperation: the text is no decimal number, or needs more than 18 digits.

    Example:
        >>> amount("2.345")
        Decimal('2.34')
    """
    return Decimal(value).quantize(_CENT, rounding=ROUND_HALF_EVEN)


def spoken(value: Decimal, currency_code: str) -> str:
    """Return an amount as a person reads it.

    Example:
        >>> spoken(Decimal("1234.5"), "GBP")
        'GBP 1,234.50'
    """
    return f"{currency_code} {amount(value):,}"
