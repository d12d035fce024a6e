"""What a story is: its name, what a failing test would tell, and its people with all that matters about them."""

from dataclasses import dataclass

DOMAIN = "willow.example.com"
ALWAYS = -4_000


@dataclass(frozen=True)
class Email:
    """One e-mail address: local part (or a whole address), the days it is used, and whether others use it too."""

    local: str
    from_day: int = ALWAYS
    to_day: int | None = None
    is_shared: bool = False

    @property
    def address(self) -> str:
        """The whole address, in a domain reserved for examples."""
        return self.local if "@" in self.local else f"{self.local}@{DOMAIN}"


@dataclass(frozen=True)
class Phone:
    """One phone line of the case's `owner`-th person (lines 0..3), and the days it is used.

    `previous` is the place in the case of the stranger who had the number before.
    """

    owner: int
    line: int = 0
    from_day: int = ALWAYS
    to_day: int | None = None
    is_shared: bool = False
    previous: int | None = None


@dataclass(frozen=True)
class EdgePerson:
    """One person of a story.

    `home` names the address within the case, `town` the town's place in the country's list, `household` those who live
    together (by default all of one home);
    `moves_day` is the day of a move to a new address, `in_sources` which of crm, shop, pos, loyalty know the person,
    `device_of` the place in the case of the person whose tablet is shared.
    """

    first_name: str
    last_name: str
    gender: str
    birth: tuple[int, int, int]
    emails: tuple[Email, ...] = ()
    phones: tuple[Phone, ...] = ()
    home: str = "a"
    town: int = 0
    household: str | None = None
    country: str = "GB"
    nickname: str | None = None
    former_last_name: str | None = None
    married_day: int = 400
    title: str | None = None
    moves_day: int | None = None
    joined_day: int = 20
    in_sources: frozenset[str] = frozenset({"crm", "shop", "pos", "loyalty"})
    is_guest: bool = False
    is_app_user: bool = False
    is_tester: bool = False
    device_of: int | None = None
    company: str | None = None


@dataclass(frozen=True)
class EdgeCase:
    """One story: its name, what a failing test would tell, and its people in order."""

    name: str
    story: str
    people: tuple[EdgePerson, ...]
    household_type: str = "family"
