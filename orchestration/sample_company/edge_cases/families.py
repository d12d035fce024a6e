"""Families at one address, and names that a wedding changes."""

from orchestration.sample_company.edge_cases.story import EdgeCase, EdgePerson, Email, Phone

FAMILIES: tuple[EdgeCase, ...] = (
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
)
