"""A process that ends inside one of its calls, played in this one."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest


class Killed(BaseException):
    """Stands for the end of the process at some point."""


def _any_call(*_: object) -> bool:
    return True


@contextmanager
def killed_at(
    owner: object,
    name: str,
    call: int,
    *,
    is_after: bool,
    counted: Callable[..., bool] = _any_call,
) -> Iterator[None]:
    """Run what must die before or after the `call`-th counted call of `owner.name`.

    Args:
        owner: class or module.
        name: of its function.
        call: from 1.
        is_after: whether the call is done when the process ends.
        counted: given a call's arguments, whether it counts.
    """
    original = getattr(owner, name)
    calls = 0

    def dying(*arguments: object, **named: object) -> object:
        nonlocal calls
        is_counted = counted(*arguments)
        calls += is_counted
        is_now = is_counted and calls == call
        if is_now and not is_after:
            raise Killed
        result = original(*arguments, **named)
        if is_now:
            raise Killed
        return result

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(owner, name, dying)
        with pytest.raises(Killed):
            yield
