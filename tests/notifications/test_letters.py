"""Every letter, in both languages: its three files, every variable there, both forms alike, nothing secret."""

import re
from copy import deepcopy
from pathlib import Path

import pytest
from django.conf import settings as project

from dsr import notifications
from dsr.models.notice import Notice
from dsr.models.staff import Staff
from dsr.notifications.onward import READER_MARK
from dsr.notifications.writing import CODE_MARK, LINK_MARK
from dsr.states import Kind
from tests.notifications.conftest import IN_TIME, RECEIVED_AT, Asks
from tests.notifications.shapes import SHAPES, seen, words
from tests.notifications.test_typography import TEMPLATES, sentences

LETTERS = Path(project.BASE_DIR) / "templates" / "dsr" / "letters"
NAMES = sorted(path.name.removesuffix(".subject.txt") for path in LETTERS.glob("*.subject.txt"))
EVERY_SHAPE = pytest.mark.parametrize("shape", sorted(SHAPES))
TO_THE_READER = pytest.mark.parametrize("shape", sorted(shape for shape in SHAPES if not shape.startswith("recipient")))


@pytest.fixture(autouse=True)
def every_variable_counts(settings):
    """Fail on a variable that a template shows and nobody gives."""

    class Missing(str):
        __slots__ = ()

        def __mod__(self, name: object) -> str:
            raise AssertionError(f"nobody gives {name}")

    templates = deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["string_if_invalid"] = Missing("missing %s")
    settings.TEMPLATES = templates


def test_every_letter_is_tried():
    assert {shape.split(",")[0] for shape in SHAPES} == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_every_letter_is_a_function_and_three_files(name):
    assert callable(getattr(notifications, name))
    assert {f"{name}{kind}" for kind in (".subject.txt", ".txt", ".html")} == {
        path.name for path in LETTERS.glob(f"{name}.*")
    }


@pytest.mark.parametrize("language", ["fr", "en"])
@TO_THE_READER
def test_every_letter_reads_in_both_languages(shape, language, alice_asks: Asks):
    data_request = alice_asks(language=language, extension_ground="complexity", extended_at=IN_TIME, reply="Voilà.")
    notice = SHAPES[shape](data_request)
    assert f'<html lang="{language}">' in notice.html
    assert data_request.reference in notice.subject
    assert data_request.reference in notice.text
    assert "dpo@example.org" in notice.text
    assert "{" not in notice.subject + notice.text


@EVERY_SHAPE
def test_text_and_html_carry_the_same_facts(shape, alice_asks: Asks):
    notice = SHAPES[shape](alice_asks(extension_ground="complexity", extended_at=IN_TIME, reply="Voilà.\n\nBien."))
    read = seen(notice).replace(" ", "")
    for line in notice.text.splitlines():
        fact = re.sub(r"^\W+|[\s\N{NO-BREAK SPACE}]*:$| ", "", line)
        assert fact in read or fact in notice.html


@pytest.mark.parametrize("shape", [each for each in SHAPES if not each.startswith(("address_", "recipient"))])
def test_a_letter_by_post_offers_no_page_and_waits_for_no_mail(shape, alice_asks: Asks):
    data_request = alice_asks(
        email="", postal_address="12 rue des Lilas\n69003 Lyon", extension_ground="complexity", extended_at=IN_TIME
    )
    notice = SHAPES[shape](data_request)
    assert notice.by_post
    assert notice.to == ""
    assert "12 rue des Lilas<br>69003 Lyon" in notice.html
    assert notice not in Notice.objects.claimable(IN_TIME)


@TO_THE_READER
def test_no_secret_is_stored(shape, alice_asks: Asks):
    notice = SHAPES[shape](alice_asks(extension_ground="complexity", extended_at=IN_TIME))
    stored = Notice.objects.filter(pk=notice.pk).values().get()
    secret = notice.secret
    if secret:
        assert CODE_MARK in notice.text
        assert LINK_MARK in notice.text
        assert f'href="{LINK_MARK}"' in notice.html
        assert secret.code not in str(stored)
        assert secret.token not in str(stored)
    else:
        assert "⟦" not in notice.text + notice.html


@pytest.mark.parametrize("shape", ["recipient, erased", "recipient, corrected"])
def test_a_recipient_is_written_to_in_the_newspapers_language_and_by_mail(shape, alice_asks: Asks):
    notice = SHAPES[shape](alice_asks(language="en", email="", postal_address="12 rue des Lilas"))
    assert '<html lang="fr">' in notice.html
    assert (notice.to, notice.by_post) == ("banque@example.org", False)
    assert notice.text.count(READER_MARK) == notice.html.count(READER_MARK) == 1
    assert notice.data_request.reference in notice.subject
    assert "/demande/" not in notice.text + notice.html
    assert "rue des Lilas" not in notice.text + notice.html


def test_a_message_id_is_drawn_once_and_for_one(alice_asks: Asks):
    one, other = (notifications.entered(alice_asks(), at=RECEIVED_AT) for _ in range(2))
    assert re.fullmatch(r"<[0-9a-f]{32}@droits\.example\.org>", one.message_id)
    assert one.message_id != other.message_id


def test_every_sentence_is_said_to_somebody(alice_asks: Asks):
    extended = {"extension_ground": "complexity", "extended_at": IN_TIME, "reply": "Voilà."}
    olive = Staff.objects.create(username="olive")
    readers = [
        alice_asks(**extended),
        alice_asks(Kind.RECTIFICATION, **extended, entered_by=olive),
        alice_asks(Kind.ERASURE, **extended, scope={"invoices": "*"}),
        alice_asks(**extended, email="", postal_address="12 rue des Lilas"),
    ]
    notices = [SHAPES[shape](each) for each in readers for shape in SHAPES]
    said = words(" ".join(f"{notice.subject} {notice.text}" for notice in notices))
    for path in TEMPLATES:
        for sentence in sentences(path):
            for form in sentence.split("{% plural %}"):
                parts = re.split(r"{{.*?}}", words(form))
                heard = re.search(
                    "[^{}]{,99}?".join(re.escape(part) for part in parts).removesuffix("\N{NO-BREAK SPACE}:"), said
                )
                assert heard, f"{path.name}: {form}"
