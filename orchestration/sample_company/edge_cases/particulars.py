"""Firms, devices, channels, and particulars that look like faults."""

from orchestration.sample_company.edge_cases.story import EdgeCase, EdgePerson, Email, Phone

PARTICULARS: tuple[EdgeCase, ...] = (
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
