"""Other people's addresses and numbers in free text: what is one, what is not, and how long looking takes."""

import time

import pytest

from dsr.packages import contacts
from dsr.packages.contacts import Known, find

NBSP, NARROW = "\u00a0", "\u202f"

ADDRESSES = [
    ("Écrivez à bob@example.org, merci.", "bob@example.org"),
    ("<mailto:Bob.Martin+lettre@mail.example.co.uk>", "Bob.Martin+lettre@mail.example.co.uk"),
    ("(bob@example.org)", "bob@example.org"),
    ("bob@example.org.", "bob@example.org"),
    ("l’adresse d’élodie@exemple.fr", "élodie@exemple.fr"),
    ("bob@xn--exmple-cua.xn--p1ai ici", "bob@xn--exmple-cua.xn--p1ai"),
    ("bob@mañana.example", "bob@mañana.example"),
    ("https://example.org/?qui=bob@example.org&ok=1", "bob@example.org"),
    ("bob [at] example.org", "bob [at] example.org"),
    ("bob(arobase)example.org", "bob(arobase)example.org"),
    ("bob＠example.org", "bob＠example.org"),
    ("0612345678@example.org", "0612345678@example.org"),
    ("b@e.fr", "b@e.fr"),
]

NUMBERS = [
    ("06 12 34 56 78", "+33612345678"),
    ("06.12.34.56.78", "+33612345678"),
    ("06-12-34-56-78", "+33612345678"),
    ("06/12/34/56/78", "+33612345678"),
    ("0612345678", "+33612345678"),
    (f"06{NBSP}12{NARROW}34 56  78", "+33612345678"),
    ("06.12-34 56.78", "+33612345678"),
    ("06 12345678", "+33612345678"),
    ("0612 34 56 78", "+33612345678"),
    ("0 6 1 2 3 4 5 6 7 8", "+33612345678"),
    ("0800 123 456", "+33800123456"),
    ("0 800 123 456", "+33800123456"),
    ("+33 6 12 34 56 78", "+33612345678"),
    ("+33612345678", "+33612345678"),
    ("+33 (0)6 12 34 56 78", "+33612345678"),
    ("+33 (0) 6.12.34.56.78", "+33612345678"),
    ("+33 06 12 34 56 78", "+33612345678"),
    ("0033 6 12 34 56 78", "+33612345678"),
    ("00 33 612 345 678", "+33612345678"),
    ("+32 2 123 45 67", "+3221234567"),
    ("+44 20 7946 0958", "+442079460958"),
    ("+1 (212) 555-0123", "+12125550123"),
    ("0041 22 123 45 67", "+41221234567"),
]

NEITHER = [
    "Votre facture 2024-0612345678 est réglée.",
    "facture n° 0612345678",
    "Commande : 0612345678",
    "Abonné n° 0612345678",
    "FA-0612345678",
    "SIRET 732 829 320 00074",
    "SIREN 732 829 320",
    "IBAN FR76 3000 6000 0112 3456 7890 189",
    "La carte 4970 1012 0345 6789",
    "Né le 01/02/2024 10:30",
    "le 01.02.2024 à 10 h 30",
    "2024-01-02 03:04:05",
    "2024-01-02T03:04:05.678901Z",
    "ISBN 978-2-07-036822-8 et 0-306-40615-2",
    "1 85 05 78 006 084 36",
    "12 000 000 000 €",
    "+10 000 000 € de budget",
    "+ 15 000 000 euros",
    "00012345678",
    "0,612345678",
    "Suivi du colis 0061234567890",
    "192.168.001.012",
    "DSR-7K4M-2QXP",
    "7f3c0612345678ab",
    "@bob en a parlé ; bob@localhost non plus",
    "à 3 @ 2.50 la pièce",
    "Le 1er, 02, 03, 04, 05 et 06",
    "doi:10.1000/0612345678",
    "Bravo pour cet article @LeJournal !",
]


def found_in(text):
    return [(each.kind, each.value) for each in find(text)]


@pytest.mark.parametrize(("text", "address"), ADDRESSES)
def test_an_address_is_found_exactly(text, address):
    assert found_in(text) == [("email", address)]


@pytest.mark.parametrize(("number", "normal"), NUMBERS)
def test_a_telephone_number_is_found_however_it_is_written(number, normal):
    text = f"Appelez Bob au {number}, après 18 h."
    (contact,) = find(text)
    assert (contact.kind, contact.value, contact.normal) == ("phone", number, normal)
    assert text[contact.start :].startswith(number)


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_is_left_alone(text):
    assert found_in(text) == []


def test_numbers_side_by_side_are_told_apart():
    assert found_in("12 06 12 34 56 78 ou 01 23 45 67 89 75001 Paris") == [
        ("phone", "06 12 34 56 78"),
        ("phone", "01 23 45 67 89"),
    ]


def test_what_is_known_is_known_however_it_is_written(settings):
    known = Known(["Alice@Example.org", "06 12 34 56 78", "@journal.example.org"])
    text = "alice@example.org +33 (0)612345678 redaction@Journal.example.org bob@example.org"
    assert [each.value for each in find(text) if each not in known] == ["bob@example.org"]


def test_the_newspapers_own_contacts_are_published(settings):
    settings.DSR_DPO_EMAIL, settings.DEFAULT_FROM_EMAIL = "dpo@example.org", "Le Journal <lettres@example.org>"
    settings.DSR_PUBLISHED_CONTACTS = ["01 23 45 67 89"]
    known = Known(contacts.published())
    assert all(each in known for each in find("dpo@example.org lettres@example.org 01.23.45.67.89"))


HOSTILE = {
    "signs": "@",
    "local parts": "a",
    "addresses cut short": "a@",
    "dots": "a@a.",
    "labels": "@a-",
    "words in brackets": "(at)",
    "brackets": "( ",
    "digits": "0",
    "sixes": "06",
    "gaps": "0 ",
    "numbers cut short": "06 12 34 56 7 ",
    "plus": "+",
    "countries": "+1(",
    "zeros in brackets": "+33 (0)",
    "spaces": " ",
    "invoices": "facture n° ",
    "numbers": "06 12 34 56 78 ",
    "amounts": "+12345678 ",
}


@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_no_text_takes_longer_than_its_length(piece):
    """A pattern that goes back over what it read takes hours for a megabyte; ten times the text, ten times the time."""
    megabyte = piece * (2**20 // len(piece))
    began = time.process_time()
    for _contact in find(megabyte):
        pass
    assert time.process_time() - began < 8  # no goal: quadratic would be minutes
