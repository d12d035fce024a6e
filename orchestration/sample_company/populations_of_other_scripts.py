"""Populations whose names western code pages cannot write: Greek and Cyrillic letters, Turkish and Vietnamese marks.

The lists were written for this project, ordered from frequent to rare; see `populations.py`.
"""

# ruff: noqa: RUF001 - Greek and Cyrillic letters are what this file is about

from orchestration.sample_company.population import Population, listed

GREECE = Population(
    country_code="GR",
    share=0.03,
    female_names=listed(
        "Μαρία, Ελένη, Αικατερίνη, Βασιλική, Σοφία, Γεωργία, Αγγελική, Δήμητρα, Κωνσταντίνα, Παρασκευή, Ευαγγελία, "
        "Ιωάννα, Χριστίνα, Αναστασία, Ειρήνη"
    ),
    male_names=listed(
        "Γιώργος, Κωνσταντίνος, Δημήτρης, Γιάννης, Νίκος, Χρήστος, Παναγιώτης, Βασίλης, Αθανάσιος, Μιχάλης, Ευάγγελος, "
        "Σπύρος, Αντώνης, Θεόδωρος, Ανδρέας"
    ),
    surnames=listed(
        "Παπαδόπουλος, Βλάχος, Αγγελόπουλος, Νικολαΐδης, Γεωργίου, Παπαγεωργίου, Δημητρίου, Κωνσταντινίδης, Μακρής, "
        "Ιωάννου, Οικονόμου, Παππάς, Αθανασίου, Αντωνίου, Μπακάλης, Χατζής, Σταματίου, Θεοδώρου"
    ),
    feminine_surnames=listed(
        "Παπαδοπούλου, Βλάχου, Αγγελοπούλου, Νικολαΐδου, Γεωργίου, Παπαγεωργίου, Δημητρίου, Κωνσταντινίδου, Μακρή, "
        "Ιωάννου, Οικονόμου, Παππά, Αθανασίου, Αντωνίου, Μπακάλη, Χατζή, Σταματίου, Θεοδώρου"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Αθήνα, Θεσσαλονίκη, Πάτρα, Ηράκλειο, Λάρισα"),
    postcode_prefixes=listed("11, 54, 26, 71, 41"),
    postcode_pattern="*# ##",
    dialling_code="30",
    trunk_prefix="",
    mobile_prefix="694",
    mobile_digits=7,
    spellings=("Greece", "Ελλάδα", "GREECE", "Hellas"),
    language="el",
    streets=listed("Οδός Ερμού, Οδός Αθηνάς, Λεωφόρος Κηφισίας, Οδός Αγίου Δημητρίου, Οδός Ελευθερίας, Οδός Ανθέων"),
    in_britain_share=0.4,
)

UKRAINE = Population(
    country_code="UA",
    share=0.03,
    female_names=listed(
        "Олена, Наталія, Ірина, Оксана, Тетяна, Юлія, Марія, Людмила, Анна, Катерина, Світлана, Галина, Дарина, Софія, "
        "Зоряна"
    ),
    male_names=listed(
        "Олександр, Сергій, Андрій, Володимир, Іван, Дмитро, Микола, Максим, Юрій, Богдан, Тарас, Віктор, Ярослав, "
        "Павло, Євген"
    ),
    surnames=listed(
        "Мельник, Шевченко, Бондаренко, Коваленко, Бойко, Ткаченко, Кравченко, Ковальчук, Коваль, Олійник, Поліщук, "
        "Савченко, Щербак, Гончаренко, Яценко, Юрченко, Згурський, Довженко"
    ),
    feminine_surnames=listed(
        "Мельник, Шевченко, Бондаренко, Коваленко, Бойко, Ткаченко, Кравченко, Ковальчук, Коваль, Олійник, Поліщук, "
        "Савченко, Щербак, Гончаренко, Яценко, Юрченко, Згурська, Довженко"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Київ, Харків, Одеса, Дніпро, Львів"),
    postcode_prefixes=listed("01, 61, 65, 49, 79"),
    postcode_pattern="*###",
    dialling_code="380",
    trunk_prefix="0",
    mobile_prefix="50",
    mobile_digits=7,
    spellings=("Ukraine", "Україна", "UKRAINE", "UKR"),
    language="uk",
    streets=listed("вулиця Лесі, вулиця Садова, вулиця Шкільна, проспект Миру, вулиця Зелена, вулиця Лугова"),
    in_britain_share=0.6,
)

TURKEY = Population(
    country_code="TR",
    share=0.015,
    female_names=listed("Fatma, Ayşe, Emine, Zeynep, Elif, Merve, Özlem, Büşra, Gülşen, Çiğdem, Şeyma, İpek"),
    male_names=listed("Mehmet, Mustafa, Ahmet, Ali, Hüseyin, Hasan, İbrahim, Murat, Ömer, Oğuz, Çağrı, Yiğit"),
    surnames=listed(
        "Yılmaz, Kaya, Demir, Şahin, Çelik, Yıldız, Yıldırım, Öztürk, Aydın, Özdemir, Arslan, Doğan, Kılıç, Çetin, "
        "Koç, Güneş"
    ),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("İstanbul, Ankara, İzmir, Bursa, Eskişehir"),
    postcode_prefixes=listed("34, 06, 35, 16, 26"),
    postcode_pattern="*###",
    dialling_code="90",
    trunk_prefix="0",
    mobile_prefix="532",
    mobile_digits=7,
    spellings=("Türkiye", "Turkey", "TURKEY", "Turkiye"),
    language="tr",
    streets=listed("Atatürk Caddesi, İnönü Sokağı, Çınar Sokağı, Gül Sokağı, Bahçe Caddesi, Okul Sokağı"),
    in_britain_share=0.5,
)

VIET_NAM = Population(
    country_code="VN",
    share=0.015,
    female_names=listed("Lan, Hương, Thảo, Linh, Mai, Ngọc, Phương, Thu Hà, Trang, Yến, Bích, Đào"),
    male_names=listed("Minh, Tuấn, Dũng, Hùng, Đức, Quang, Anh, Long, Hiếu, Phúc, Sơn, Thắng"),
    surnames=listed("Nguyễn, Trần, Lê, Phạm, Hoàng, Vũ, Đặng, Bùi, Đỗ, Hồ, Ngô, Dương"),
    surname_tail_share=0.0,
    surname_tail=(),
    towns=listed("Hồ Chí Minh, Hà Nội, Đà Nẵng, Hải Phòng"),
    postcode_prefixes=listed("70, 10, 55, 18"),
    postcode_pattern="*####",
    dialling_code="84",
    trunk_prefix="0",
    mobile_prefix="90",
    mobile_digits=7,
    spellings=("Viet Nam", "Vietnam", "Việt Nam", "VIETNAM"),
    language="vi",
    streets=listed("đường Hai Bà Trưng, đường Lê Lợi, phố Huế, đường Hoa Sen, đường Bạch Đằng"),
    is_number_first=True,
    in_britain_share=0.7,
)
