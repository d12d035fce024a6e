"""Phrases that customers say and write, by language, written for this project.

A text is an opening, a body by topic and a closing; `{contact}` stands where some give an address or number of theirs.
Languages without phrases of their own write English.
"""

# ruff: noqa: RUF001 - Greek and Cyrillic letters are meant

from collections.abc import Mapping

LANGUAGES = ("en", "de", "fr", "es", "nl", "pl", "el", "uk")
TOPICS = ("delivery", "damaged", "refund", "product_question", "complaint", "account", "praise")

OPENINGS: Mapping[str, tuple[str, ...]] = {
    "en": ("Hello,", "Hi there,", "Good morning,", "To whom it may concern,", ""),
    "de": ("Guten Tag,", "Hallo,", "Sehr geehrte Damen und Herren,"),
    "fr": ("Bonjour,", "Madame, Monsieur,"),
    "es": ("Hola,", "Buenos días,"),
    "nl": ("Goedendag,", "Hallo,"),
    "pl": ("Dzień dobry,", "Witam,"),
    "el": ("Καλημέρα,", "Γεια σας,"),
    "uk": ("Добрий день,", "Вітаю,"),
}
BODIES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "delivery": (
            "my parcel should have come last week and nobody can tell me where it is.",
            "the driver left the box in the rain and drove off.",
            "half of my order is missing.",
        ),
        "damaged": (
            "the casserole arrived in three pieces.",
            "the lamp has a crack right across the shade.",
            "one mug was broken and the box looked as if somebody had stood on it.",
        ),
        "refund": (
            "I sent it back two weeks ago and still wait for my money.",
            "please refund the second item, I was charged twice.",
        ),
        "product_question": (
            "does the linen shrink when it is washed at forty degrees?",
            "is the oak treated with oil or with lacquer?",
            "will the blue planter come back into stock?",
        ),
        "complaint": (
            "this is the third time that something goes wrong, and I am tired of it.",
            "you promised a discount and the till refused it.",
            "your prices went up again and the quality did not.",
        ),
        "account": (
            "I cannot log in since I changed my address.",
            "I seem to have two accounts, could you make them one?",
        ),
        "praise": (
            "the candle smells wonderful, thank you for the quick delivery.",
            "your colleague in the shop was so helpful, please tell her.",
        ),
    },
    "de": {
        "delivery": ("mein Paket ist seit einer Woche überfällig.", "die Hälfte der Bestellung fehlt."),
        "damaged": ("der Teller kam zerbrochen an.", "die Lampe hat einen Riss."),
        "refund": ("ich warte immer noch auf mein Geld.",),
        "product_question": ("läuft das Leinen beim Waschen ein?", "ist die Eiche geölt?"),
        "complaint": ("das ist nun das dritte Mal, dass etwas schiefgeht.",),
        "account": ("ich kann mich seit meinem Umzug nicht mehr anmelden.",),
        "praise": ("die Kerze duftet herrlich, vielen Dank.",),
    },
    "fr": {
        "delivery": ("mon colis a une semaine de retard.", "il manque la moitié de ma commande."),
        "damaged": ("le vase est arrivé cassé.",),
        "refund": ("j'attends toujours mon remboursement.",),
        "product_question": ("le lin rétrécit-il au lavage ?",),
        "complaint": ("c'est la troisième fois, je suis très déçue.",),
        "account": ("je ne peux plus me connecter.",),
        "praise": ("la bougie sent merveilleusement bon, merci.",),
    },
    "es": {
        "delivery": ("mi paquete lleva una semana de retraso.",),
        "damaged": ("la lámpara llegó rota.",),
        "refund": ("sigo esperando la devolución del dinero.",),
        "product_question": ("¿encoge el lino al lavarlo?",),
        "complaint": ("es la tercera vez que algo sale mal.",),
        "account": ("no puedo entrar en mi cuenta.",),
        "praise": ("la vela huele de maravilla, gracias.",),
    },
    "nl": {
        "delivery": ("mijn pakket is al een week te laat.",),
        "damaged": ("het bord kwam gebroken aan.",),
        "refund": ("ik wacht nog steeds op mijn geld.",),
        "product_question": ("krimpt het linnen in de was?",),
        "complaint": ("dit is de derde keer dat er iets misgaat.",),
        "account": ("ik kan niet meer inloggen.",),
        "praise": ("de kaars ruikt heerlijk, dank u wel.",),
    },
    "pl": {
        "delivery": ("moja paczka spóźnia się już tydzień.",),
        "damaged": ("lampa przyszła rozbita.",),
        "refund": ("wciąż czekam na zwrot pieniędzy.",),
        "product_question": ("czy len kurczy się w praniu?",),
        "complaint": ("to już trzeci raz, kiedy coś jest nie tak.",),
        "account": ("nie mogę się zalogować.",),
        "praise": ("świeca pachnie cudownie, dziękuję.",),
    },
    "el": {
        "delivery": ("το δέμα μου άργησε μια εβδομάδα.",),
        "damaged": ("το φωτιστικό ήρθε σπασμένο.",),
        "refund": ("περιμένω ακόμα τα χρήματά μου.",),
        "product_question": ("μαζεύει το λινό στο πλύσιμο;",),
        "complaint": ("είναι η τρίτη φορά που κάτι πάει στραβά.",),
        "account": ("δεν μπορώ να συνδεθώ.",),
        "praise": ("το κερί μυρίζει υπέροχα, ευχαριστώ.",),
    },
    "uk": {
        "delivery": ("моя посилка запізнюється на тиждень.",),
        "damaged": ("лампа прийшла розбита.",),
        "refund": ("я досі чекаю на свої гроші.",),
        "product_question": ("чи сідає льон під час прання?",),
        "complaint": ("це вже втретє щось іде не так.",),
        "account": ("я не можу увійти.",),
        "praise": ("свічка пахне чудово, дякую.",),
    },
}
CONTACT_WAYS: Mapping[str, str] = {
    "en": " You can reach me at {contact}.",
    "de": " Sie erreichen mich unter {contact}.",
    "fr": " Vous pouvez me joindre à {contact}.",
    "es": " Pueden contactarme en {contact}.",
    "nl": " U kunt mij bereiken via {contact}.",
    "pl": " Proszę o kontakt: {contact}.",
    "el": " Μπορείτε να με βρείτε στο {contact}.",
    "uk": " Мій контакт: {contact}.",
}
REVIEWS: Mapping[int, tuple[str, ...]] = {
    1: ("Broke within a week.", "Not what the picture shows.", "Sent it back at once."),
    2: ("Feels cheap for the price.", "Colour is off."),
    3: ("Fine, nothing special.", "Does what it should."),
    4: ("Lovely, a little smaller than I thought.", "Good quality, slow delivery."),
    5: ("Simply beautiful.", "Bought a second one for my sister.", "Best one I ever had."),
}
NPS_TEXTS: Mapping[int, tuple[str, ...]] = {
    0: ("Never again.", "Promised and not delivered.", "Too expensive by now."),
    1: ("It is all right.", "Could be quicker."),
    2: ("I tell all my friends.", "Beautiful things, kind people."),
}
SOCIAL_TEXTS = (
    "Look what came today!",
    "My new favourite corner, thanks @larkfieldhome",
    "Anybody else still waiting for their parcel from @larkfieldhome?",
    "Sunday, tea, and the new mug.",
)
