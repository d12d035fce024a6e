"""The people whose stories identity, consent and decisions must get right: persons 1 and on, by name.

Belongs here: who they are, as data. `facts/` gives them their homes, orders and messages like everybody else's.
Days count from the first day of the history (0..729). They are part of every company of at least
`EDGE_PEOPLE_COUNT` customers.
"""

# ruff: noqa: RUF001 - letters that look like others are what some stories are about

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


EDGE_CASES: tuple[EdgeCase, ...] = (
    EdgeCase(
        "twins_same_birthday_same_address",
        "Two records with one surname, birthday and address are two people: twins were merged.",
        (
            EdgePerson("Poppy", "Thornwick", "female", (1992, 3, 14), (Email("poppy.thornwick"),), (Phone(0),)),
            EdgePerson("Daisy", "Thornwick", "female", (1992, 3, 14), (Email("daisy.thornwick"),), (Phone(1),)),
        ),
    ),
    EdgeCase(
        "twins_initial_only",
        "Twins whose given names begin alike are told apart although a source wrote the initial only.",
        (
            EdgePerson("Alan", "Brackwell", "male", (1971, 9, 2), (Email("alan.brackwell"),), (Phone(0),)),
            EdgePerson("Adam", "Brackwell", "male", (1971, 9, 2), (Email("adam.brackwell"),), (Phone(1),)),
        ),
    ),
    EdgeCase(
        "father_and_son_one_name",
        "A father and son of one name at one address are two customers: the birthday was not heard.",
        (
            EdgePerson(
                "George", "Hartcombe", "male", (1951, 5, 30), (Email("george.hartcombe"),), (Phone(0),), title="Mr"
            ),
            EdgePerson(
                "George", "Hartcombe", "male", (1983, 11, 8), (Email("g.hartcombe.jr"),), (Phone(1),), title="Mr"
            ),
        ),
    ),
    EdgeCase(
        "mother_and_daughter_family_email",
        "Two people who share one e-mail address are not one person: a shared address joined them.",
        (
            EdgePerson(
                "Helen", "Cranmore", "female", (1964, 1, 19), (Email("the.cranmores", is_shared=True),), (Phone(0),)
            ),
            EdgePerson(
                "Lucy", "Cranmore", "female", (1995, 7, 7), (Email("the.cranmores", is_shared=True),), (Phone(1),)
            ),
        ),
    ),
    EdgeCase(
        "couple_one_landline",
        "A couple with one telephone line is two customers of one household.",
        (
            EdgePerson(
                "Peter", "Langstead", "male", (1958, 2, 11), (Email("peter.langstead"),), (Phone(0, is_shared=True),)
            ),
            EdgePerson(
                "Ruth", "Langstead", "female", (1960, 12, 1), (Email("ruth.langstead"),), (Phone(0, is_shared=True),)
            ),
        ),
        "couple",
    ),
    EdgeCase(
        "phone_passed_to_stranger",
        "A number that passed to a stranger joined two people who never met: a line is one's own for a time only.",
        (
            EdgePerson(
                "Nigel",
                "Norford",
                "male",
                (1968, 4, 4),
                (Email("nigel.norford"),),
                (Phone(0, to_day=300), Phone(0, 1, from_day=300)),
                home="a",
            ),
            EdgePerson(
                "Imogen",
                "Dunbridge",
                "female",
                (1999, 10, 23),
                (Email("imogen.dunbridge"),),
                (Phone(0, from_day=420, previous=0),),
                home="b",
                joined_day=430,
            ),
        ),
        "single",
    ),
    EdgeCase(
        "email_reissued_by_employer",
        "An address at an employer passed to a successor of another name: two people were merged.",
        (
            EdgePerson(
                "Colin",
                "Hayworth",
                "male",
                (1975, 6, 16),
                (Email("office@kirkgate.example.com", to_day=250), Email("colin.hayworth")),
                (Phone(0),),
                home="a",
            ),
            EdgePerson(
                "Anita",
                "Marcroft",
                "female",
                (1987, 8, 28),
                (Email("office@kirkgate.example.com", from_day=260),),
                (Phone(1),),
                home="b",
                joined_day=265,
            ),
        ),
        "single",
    ),
    EdgeCase(
        "maiden_name_changed",
        "A woman who married and took another name is still one customer: the old and the new name were split.",
        (
            EdgePerson(
                "Rebecca",
                "Elmstead",
                "female",
                (1990, 2, 27),
                (Email("rebecca.wakeley", to_day=410), Email("rebecca.elmstead", from_day=410)),
                (Phone(0),),
                former_last_name="Wakeley",
            ),
        ),
        "couple",
    ),
    EdgeCase(
        "double_barrelled_after_wedding",
        "A name that grew by a hyphen is the same person's.",
        (
            EdgePerson(
                "Hannah",
                "Lockfield-Penley",
                "female",
                (1988, 12, 12),
                (Email("hannah.lockfield"),),
                (Phone(0),),
                former_last_name="Lockfield",
            ),
        ),
        "couple",
    ),
    EdgeCase(
        "name_in_cyrillic_and_latin",
        "Cyrillic in the shop and Latin letters in the CRM are one customer: letters were compared, not names.",
        (EdgePerson("Олександр", "Щербак", "male", (1984, 8, 24), (Email("o.shcherbak"),), (Phone(0),), country="UA"),),
        "single",
    ),
    EdgeCase(
        "name_in_greek_and_latin",
        "One person in Greek letters and in Latin ones is one customer.",
        (
            EdgePerson(
                "Ελένη",
                "Παπαδοπούλου",
                "female",
                (1979, 3, 25),
                (Email("eleni.papadopoulou"),),
                (Phone(0),),
                country="GR",
            ),
        ),
        "single",
    ),
    EdgeCase(
        "name_with_turkish_letters",
        "A dotless i lost its way: Yıldız and Yildiz are one customer.",
        (
            EdgePerson(
                "Çiğdem", "Yıldız", "female", (1993, 4, 23), (Email("cigdem.yildiz"),), (Phone(0),), country="TR"
            ),
        ),
        "single",
    ),
    EdgeCase(
        "name_order_vietnamese",
        "A family name written first is not a given name: swapped fields made two customers.",
        (EdgePerson("Phương", "Nguyễn", "female", (1996, 9, 2), (Email("phuong.nguyen"),), (Phone(0),), country="VN"),),
        "single",
    ),
    EdgeCase(
        "nickname_in_one_source",
        "Bill at the till and William on the card are one customer.",
        (
            EdgePerson(
                "William",
                "Fairbridge",
                "male",
                (1962, 7, 19),
                (Email("bill.fairbridge"),),
                (Phone(0),),
                nickname="Bill",
            ),
        ),
        "single",
    ),
    EdgeCase(
        "goes_by_middle_name",
        "Known by the second given name in one source: one customer, on the evidence of phone and birthday.",
        (
            EdgePerson(
                "Margaret Rose",
                "Hazelgate",
                "female",
                (1949, 4, 29),
                (Email("rose.hazelgate"),),
                (Phone(0),),
                nickname="Rose",
            ),
        ),
        "single",
    ),
    EdgeCase(
        "given_and_family_name_swap",
        "A surname that is also a given name: Thomas James and James Thomas of two towns are two people.",
        (
            EdgePerson("Thomas", "James", "male", (1980, 1, 6), (Email("thomas.james.north"),), (Phone(0),), home="a"),
            EdgePerson(
                "James", "Thomas", "male", (1980, 6, 1), (Email("james.thomas.south"),), (Phone(1),), home="b", town=1
            ),
        ),
        "single",
    ),
    EdgeCase(
        "same_name_strangers_one_town",
        "Two strangers of one frequent name are two customers: the name alone was enough.",
        (
            EdgePerson("David", "Smith", "male", (1966, 5, 17), (Email("d.smith.tall"),), (Phone(0),), home="a"),
            EdgePerson("David", "Smith", "male", (1991, 2, 3), (Email("d.smith.short"),), (Phone(1),), home="b"),
        ),
        "single",
    ),
    EdgeCase(
        "same_name_same_birthday_strangers",
        "Two strangers of one name born on one day in two towns are two customers: name and birthday were enough.",
        (
            EdgePerson("Sarah", "Jones", "female", (1985, 6, 15), (Email("sarah.jones.west"),), (Phone(0),), home="a"),
            EdgePerson(
                "Sarah", "Jones", "female", (1985, 6, 15), (Email("sarah.jones.east"),), (Phone(1),), home="b", town=1
            ),
        ),
        "single",
    ),
    EdgeCase(
        "new_tenant_same_address",
        "The next tenant of a flat is not the former one: the address joined them.",
        (
            EdgePerson(
                "Karen",
                "Woodcombe",
                "female",
                (1970, 10, 10),
                (Email("karen.woodcombe"),),
                (Phone(0),),
                home="a",
                household="x",
                moves_day=200,
            ),
            EdgePerson(
                "Karen",
                "Stancroft",
                "female",
                (1982, 3, 9),
                (Email("karen.stancroft"),),
                (Phone(1),),
                home="a",
                household="y",
                joined_day=260,
            ),
        ),
        "single",
    ),
    EdgeCase(
        "moved_house_known_everywhere",
        "A customer who moved house is one customer at both addresses.",
        (
            EdgePerson(
                "Grace", "Bromfield", "female", (1977, 11, 26), (Email("grace.bromfield"),), (Phone(0),), moves_day=350
            ),
        ),
        "single",
    ),
    EdgeCase(
        "changed_every_contact_point",
        "Address, e-mail and number changed within a month: only the loyalty card joins the two halves.",
        (
            EdgePerson(
                "Stuart",
                "Raywick",
                "male",
                (1973, 8, 13),
                (Email("stuart.raywick", to_day=380), Email("s.raywick.new", from_day=380)),
                (Phone(0, to_day=395), Phone(0, 1, from_day=395)),
                moves_day=390,
            ),
        ),
        "single",
    ),
    EdgeCase(
        "separated_couple",
        "After the separation two people of one former household live apart; the household must not follow both.",
        (
            EdgePerson(
                "Martin", "Ashgate", "male", (1969, 2, 2), (Email("martin.ashgate"),), (Phone(0),), moves_day=330
            ),
            EdgePerson("Julie", "Ashgate", "female", (1971, 5, 21), (Email("julie.ashgate"),), (Phone(1),)),
        ),
        "couple",
    ),
    EdgeCase(
        "tester_account",
        "The shop's own tester orders and returns all day; counted as a customer, every average is wrong.",
        (
            EdgePerson(
                "Test",
                "Larkfield",
                "other",
                (1990, 1, 1),
                (Email("qa@test.example.com"),),
                (Phone(0),),
                is_tester=True,
                in_sources=frozenset({"crm", "shop"}),
            ),
        ),
        "single",
    ),
    EdgeCase(
        "poison_phone_shared_by_many",
        "The number that staff type when a customer gives none joined a crowd into one customer.",
        (
            EdgePerson(
                "Eleanor",
                "Northorn",
                "female",
                (1961, 3, 3),
                (Email("eleanor.northorn"),),
                (Phone(0, 3, is_shared=True),),
                home="a",
            ),
            EdgePerson(
                "Victor",
                "Burwell",
                "male",
                (1978, 9, 19),
                (Email("victor.burwell"),),
                (Phone(0, 3, is_shared=True),),
                home="b",
                town=1,
            ),
            EdgePerson(
                "Chloe",
                "Granley",
                "female",
                (1997, 1, 31),
                (Email("chloe.granley"),),
                (Phone(0, 3, is_shared=True),),
                home="c",
                town=2,
            ),
            EdgePerson(
                "Samuel",
                "Lindfield",
                "male",
                (1986, 12, 24),
                (Email("samuel.lindfield"),),
                (Phone(0, 3, is_shared=True),),
                home="d",
                town=3,
            ),
            EdgePerson(
                "Nadia",
                "Walbridge",
                "female",
                (1992, 8, 8),
                (Email("nadia.walbridge"),),
                (Phone(0, 3, is_shared=True),),
                home="e",
                town=4,
            ),
            EdgePerson(
                "Hugh",
                "Kirkstead",
                "male",
                (1955, 4, 18),
                (Email("hugh.kirkstead"),),
                (Phone(0, 3, is_shared=True),),
                home="f",
                town=5,
            ),
        ),
        "single",
    ),
    EdgeCase(
        "poison_email_shared_by_many",
        "The address noreply@ that a till demanded joined strangers.",
        (
            EdgePerson(
                "Toby",
                "Eastwell",
                "male",
                (1989, 7, 4),
                (Email("noreply@store.example.com", is_shared=True),),
                (Phone(0),),
                home="a",
            ),
            EdgePerson(
                "Heather",
                "Penham",
                "female",
                (1965, 10, 5),
                (Email("noreply@store.example.com", is_shared=True),),
                (Phone(1),),
                home="b",
                town=1,
            ),
            EdgePerson(
                "Rory",
                "Holmore",
                "male",
                (1998, 6, 20),
                (Email("noreply@store.example.com", is_shared=True),),
                (Phone(2),),
                home="c",
                town=2,
            ),
            EdgePerson(
                "Gillian",
                "Crossley",
                "female",
                (1957, 9, 9),
                (Email("noreply@store.example.com", is_shared=True),),
                (Phone(3),),
                home="d",
                town=3,
            ),
        ),
        "single",
    ),
    EdgeCase(
        "company_with_three_contacts",
        "Three buyers of one firm are three people and one account.",
        (
            EdgePerson(
                "Alison",
                "Bradfield",
                "female",
                (1972, 2, 22),
                (Email("alison@bradfield-and-co.example.com"),),
                (Phone(0),),
                company="Bradfield and Company",
            ),
            EdgePerson(
                "Simon",
                "Hartgate",
                "male",
                (1981, 5, 5),
                (Email("simon@bradfield-and-co.example.com"),),
                (Phone(1),),
                company="Bradfield and Company",
            ),
            EdgePerson(
                "Zoe",
                "Wickley",
                "female",
                (1994, 11, 11),
                (Email("zoe@bradfield-and-co.example.com"),),
                (Phone(2),),
                company="Bradfield and Company",
            ),
        ),
        "business",
    ),
    EdgeCase(
        "company_shared_inbox",
        "Two colleagues order from info@ of their firm: one inbox, two people.",
        (
            EdgePerson(
                "Graham",
                "Duncroft",
                "male",
                (1967, 6, 6),
                (Email("info@duncroft.example.com", is_shared=True),),
                (Phone(0),),
                company="Duncroft Interiors",
            ),
            EdgePerson(
                "Emma",
                "Harton",
                "female",
                (1990, 9, 30),
                (Email("info@duncroft.example.com", is_shared=True),),
                (Phone(1),),
                company="Duncroft Interiors",
            ),
        ),
        "business",
    ),
    EdgeCase(
        "private_and_business_self",
        "One woman buys for her firm and for herself: one person with two roles.",
        (
            EdgePerson(
                "Tamsin",
                "Whitcombe",
                "female",
                (1983, 3, 17),
                (Email("tamsin@whitcombe-studio.example.com"), Email("tamsin.whitcombe")),
                (Phone(0),),
                company="Whitcombe Studio",
            ),
        ),
        "business",
    ),
    EdgeCase(
        "family_tablet",
        "A mother and a son use one tablet; what the son looks at is not hers.",
        (
            EdgePerson("Claire", "Langbridge", "female", (1976, 12, 15), (Email("claire.langbridge"),), (Phone(0),)),
            EdgePerson(
                "Luke", "Langbridge", "male", (2003, 4, 11), (Email("luke.langbridge"),), (Phone(1),), device_of=0
            ),
        ),
    ),
    EdgeCase(
        "guest_who_registers_later",
        "A guest's orders before the registration belong to the same customer as those after it.",
        (
            EdgePerson(
                "Bethany",
                "Elmworth",
                "female",
                (1991, 1, 1),
                (Email("bethany.elmworth"),),
                (Phone(0),),
                is_guest=True,
                in_sources=frozenset({"pos", "shop"}),
            ),
        ),
        "single",
    ),
    EdgeCase(
        "only_at_the_till",
        "A customer whom only the till and the card know must not vanish.",
        (
            EdgePerson(
                "Maureen",
                "Fairstead",
                "female",
                (1944, 8, 5),
                (),
                (Phone(0),),
                in_sources=frozenset({"loyalty", "pos"}),
            ),
        ),
        "single",
    ),
    EdgeCase(
        "only_in_the_crm",
        "A prospect who never bought has no orders and is still a customer record.",
        (
            EdgePerson(
                "Dominic",
                "Stanworth",
                "male",
                (1979, 10, 18),
                (Email("dominic.stanworth"),),
                (Phone(0),),
                in_sources=frozenset({"crm"}),
            ),
        ),
        "single",
    ),
    EdgeCase(
        "flat_share_one_address",
        "Three friends at one address with three surnames are no family.",
        (
            EdgePerson("Kieran", "Lockham", "male", (1998, 2, 14), (Email("kieran.lockham"),), (Phone(0),)),
            EdgePerson("Arjun", "Patel", "male", (1997, 5, 9), (Email("arjun.patel.flat"),), (Phone(1),)),
            EdgePerson("Freya", "Norwick", "female", (1999, 7, 27), (Email("freya.norwick"),), (Phone(2),)),
        ),
        "flat_share",
    ),
    EdgeCase(
        "leap_day_birthday",
        "Born on 29 February: a birthday that most years do not have is not a fault.",
        (EdgePerson("Isla", "Marchwell", "female", (1996, 2, 29), (Email("isla.marchwell"),), (Phone(0),)),),
        "single",
    ),
    EdgeCase(
        "two_letter_surname",
        "A family name of two letters is no typing error.",
        (EdgePerson("Anh", "Vũ", "male", (1988, 1, 28), (Email("anh.vu"),), (Phone(0),), country="VN"),),
        "single",
    ),
    EdgeCase(
        "apostrophe_and_particle",
        "O'Neill, ONeill and O Neill are one family name.",
        (
            EdgePerson(
                "Siobhán", "O'Neill", "female", (1974, 3, 17), (Email("siobhan.oneill"),), (Phone(0),), country="IE"
            ),
        ),
        "single",
    ),
    EdgeCase(
        "plus_address",
        "anna+larkfield@ and anna@ reach one inbox: one customer.",
        (
            EdgePerson(
                "Anna",
                "Krüger",
                "female",
                (1986, 10, 3),
                (Email("anna.krueger"), Email("anna.krueger+larkfield")),
                (Phone(0),),
                country="DE",
            ),
        ),
        "single",
    ),
    EdgeCase(
        "sharp_s_surname",
        "Strauß, Strauss and STRAUSS are one family name.",
        (
            EdgePerson(
                "Jürgen", "Strauß", "male", (1959, 11, 9), (Email("juergen.strauss"),), (Phone(0),), country="DE"
            ),
        ),
        "single",
    ),
    EdgeCase(
        "centenarian",
        "A birthday of more than a hundred years ago may be true: it is not the default date of a form.",
        (EdgePerson("Elizabeth", "Thornfield", "female", (1924, 6, 21), (Email("family.of.elizabeth"),), (Phone(0),)),),
        "single",
    ),
    EdgeCase(
        "gender_other",
        "A person who is neither Mr nor Mrs keeps the title Mx and one record.",
        (EdgePerson("Robin", "Hazelton", "other", (1995, 5, 1), (Email("robin.hazelton"),), (Phone(0),), title="Mx"),),
        "single",
    ),
)
EDGE_PEOPLE: tuple[tuple[EdgeCase, EdgePerson], ...] = tuple(
    (case, person) for case in EDGE_CASES for person in case.people
)
EDGE_PEOPLE_COUNT = len(EDGE_PEOPLE)
