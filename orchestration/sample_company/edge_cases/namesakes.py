"""Names in other letters, nicknames, and strangers of one name."""

# ruff: noqa: RUF001 - letters that look like others are what some stories are about

from orchestration.sample_company.edge_cases.story import EdgeCase, EdgePerson, Email, Phone

NAMESAKES: tuple[EdgeCase, ...] = (
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
)
