from datetime import datetime

from orchestration.sample_company.sources.crm import ENCODING
from tests.support.sample_files import Company


def test_a_name_in_another_script_stands_in_the_crm_in_latin_letters(company: Company) -> None:
    people = {row["person_id"]: row for row in company.truth("people")}
    owners = {row["record_id"]: row["person_id"] for row in company.truth("person_records")}
    noisy = {row["record_key"] for row in company.truth("noise") if row["source"] == "crm"}
    foreign_count = 0
    for contact in company.rows("crm/contacts", ";", ENCODING):
        if contact["contact_id"] and contact["contact_id"] not in noisy:
            person = people[owners[f"crm:contacts:{contact['contact_id']}"]]
            assert contact["first_name"] == person["first_name_latin"]
            foreign_count += person["first_name"] != person["first_name_latin"]
    assert foreign_count > 0


def test_several_contacts_of_one_firm_share_its_account(company: Company) -> None:
    accounts = [row["company_account_id"] for row in company.rows("crm/contacts", ";", ENCODING)]
    firms = {account for account in accounts if account}
    assert any(accounts.count(firm) > 1 for firm in firms)


def test_a_stale_address_is_one_that_the_person_no_longer_uses(company: Company) -> None:
    owners = {row["record_id"]: row["person_id"] for row in company.truth("person_records")}
    numbers = {row["person_id"]: row["person_number"] for row in company.truth("people")}
    points = company.truth("contact_points")
    noise = [row for row in company.truth("noise") if row["file_name"] == company.history("crm/contacts").name]
    stale = {row["record_key"] for row in noise if (row["field"], row["noise_type"]) == ("email", "stale")}
    spoilt = {row["record_key"] for row in noise if row["field"] == "email" and row["noise_type"] != "stale"}
    shown = {row["contact_id"]: row["email"] for row in company.rows("crm/contacts", ";", ENCODING)}
    assert stale
    for contact in (stale - spoilt) & set(shown):
        person = numbers[owners[f"crm:contacts:{contact}"]]
        emails = [p for p in points if p["person_number"] == person and p["contact_type"] == "email"]
        latest = max(emails, key=lambda point: point["valid_from_on"])
        assert shown[contact] in {point["value"] for point in emails}
        assert latest["value"] != shown[contact] or len(emails) > 1


def test_a_country_s_other_spellings_are_in_the_crm_s_letters_too(company: Company) -> None:
    spellings = {row["country"] for row in company.rows("crm/contacts", ";", ENCODING)}
    assert len(spellings) > 15
    assert not any(letter >= "\N{GREEK SMALL LETTER ALPHA}" for spelling in spellings for letter in spelling)


def test_contacts_are_updated_after_they_were_created(company: Company) -> None:
    for row in company.rows("crm/contacts", ";", ENCODING):
        created_at, updated_at = (
            datetime.strptime(row[name], "%d.%m.%Y %H:%M")  # noqa: DTZ007 - the CRM writes no zone
            for name in ("created_at", "updated_at")
        )
        assert created_at <= updated_at
