"""The printed report of a review."""

import pytest
from django.urls import reverse
from django.utils import translation

from dsr.admin import review_report
from dsr.audit import checkpoints, tree
from dsr.models.audit import AuditEntry
from dsr.models.review import Finding, Mark
from dsr.oversight import reviews
from tests import pdf

pytestmark = pytest.mark.django_db

HOSTILE = '#panic("x") $x$ *a* _b_ @c \\ " [ ] <d>\r\n= Titre\r\n- un\r\n+ deux'


@pytest.fixture
def printed(desk, remi, review):
    """The report as Rémi prints it."""
    return lambda: desk(remi).get(reverse("admin:dsr_review_report", args=[review.pk])).content


@pytest.fixture
def marks(review, remi, rosa, at):
    """Every finding is marked with a note, Rémi's own by Rosa."""

    def mark(note="Vu.", **more):
        for finding in review.findings.all():
            by = rosa if finding.actor == remi.reference else remi
            reviews.mark(finding, mark=more.get("mark", Mark.EXPLAINED), note=note, by=by, at=at)

    return mark


def test_the_report_is_a_tagged_pdf_named_after_the_review(desk, remi, review):
    response = desk(remi).get(reverse("admin:dsr_review_report", args=[review.pk]))
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'inline; filename="{review.reference}.pdf"'
    assert {"H1", "H2", "H3", "Table", "TH", "Code"} <= pdf.roles(response.content)
    assert b"<pdfuaid:part>1<" in response.content


def test_printing_is_looking_at_the_log(printed, remi):
    printed()
    [entry] = AuditEntry.objects.filter(event="log.viewed")
    assert entry.actor == remi.reference


@pytest.mark.parametrize("who", ["olive", "simone", "mallory"])
def test_who_may_not_see_reviews_prints_none(who, request, desk, review):
    response = desk(request.getfixturevalue(who)).get(reverse("admin:dsr_review_report", args=[review.pk]))
    assert response.status_code == 403
    assert not AuditEntry.objects.filter(event="log.viewed").exists()


def test_it_says_what_was_reviewed(printed, review, settings):
    text = pdf.text(printed())
    for said in (
        settings.DSR_NEWSPAPER_NAME,
        f"Relecture du journal {review.reference}",
        "le 16 septembre 2026",
        "entrées n° 0 à 5",
        "16 septembre 2026, 11:30",
        "30 septembre 2026",
        "non signée",
        "Demande refusée\n3\n",
        "Total\n6\n",
        "page 1 sur ",
    ):
        assert said in text


def test_it_tells_the_findings_by_rule_with_their_places(printed, olive):
    text = pdf.text(printed())
    assert "Refus, par motif" in text
    assert "Votre demande est manifestement infondée ou excessive." in text
    assert "n° 1, 2\n" in text
    assert text.count(olive.reference) == 3
    assert text.count("à apprécier") == 5


def test_it_tells_marks_notes_and_by_whom(printed, marks, remi, rosa):
    marks("Vu avec l’équipe.")
    text = pdf.text(printed())
    assert text.count("Vu avec l’équipe.") == 5
    assert text.count("expliqué") == 5
    assert f"apprécié par {remi.reference} le 16 septembre 2026, 11:30" in text
    assert f"apprécié par {rosa.reference} le" in text


def test_it_says_who_signed(printed, marks, review, remi, at):
    marks()
    reviews.sign(review, by=remi, at=at)
    assert f"le 16 septembre 2026, 11:30 par {remi.reference}" in pdf.text(printed())


def test_the_checkpoint_is_there_word_for_word(printed, review):
    text = pdf.text(printed())
    size, root, signature = review.checkpoint.note.splitlines()[1:3] + review.checkpoint.note.splitlines()[-1:]
    assert f"\n{size}\n{root}\n" in text
    assert signature.rpartition(" ")[2] in text.replace("\n", "")
    assert checkpoints.opened(review.checkpoint.note).root == tree.root(review.end)


def test_a_note_is_never_markup(printed, marks):
    marks(HOSTILE)
    assert pdf.text(printed()).count(HOSTILE.replace("\r\n", "\n")) == 5


def test_a_note_keeps_its_lines(printed, marks):
    marks("Un.\r\n\r\nDeux.\nTrois.")
    assert "Un.\nDeux.\nTrois.\n" in pdf.text(printed())


def test_a_word_longer_than_a_line_is_broken_and_changed_by_nothing(printed, marks):
    marks("x" * 400 + " fin")
    lines = [len(line) for line in pdf.text(printed()).splitlines() if set(line) == {"x"}]
    assert sum(lines) == 400 * 5
    assert max(lines) < 100


def test_long_notes_make_more_pages_and_lose_nothing(printed, marks):
    before = pdf.pages(printed())
    marks("Une phrase assez longue. " * 79)
    document = printed()
    assert pdf.pages(document) > before
    assert pdf.text(document).replace("\n", " ").replace("  ", " ").count("Une phrase assez longue.") == 79 * 5


def test_two_hundred_findings_are_all_there(printed, review):
    Finding.objects.bulk_create(
        Finding(review=review, rule="refusals", actor=f"S-{n:06d}", count=90, entries=list(range(50)))
        for n in range(200)
    )
    text = pdf.text(printed())
    assert [n for n in range(200) if f"S-{n:06d}" not in text] == []


def test_more_entries_than_are_listed_are_said_to_be_more(review):
    finding = Finding(rule="refusals", count=90, entries=[4, 5])
    assert review_report._finding(finding)["places"] == "n° 4, 5 …"


def test_a_rule_or_an_event_that_left_its_table_is_printed_by_its_code(printed, review):
    Finding.objects.create(review=review, rule="ancient", detail="gone.event", count=1, entries=[0])
    review.figures["request.ancient"] = 7
    review.save()
    text = pdf.text(printed())
    assert {"ancient", "gone.event", "request.ancient"} <= set(text.splitlines())


def test_it_is_printed_in_the_language_of_whoever_prints(desk, remi, review):
    with translation.override("en"):
        data = review_report.data(review, at=review.opened_at)
    assert data["lang"] == "en"
    response = desk(remi).get(reverse("admin:dsr_review_report", args=[review.pk]), headers={"accept-language": "en"})
    assert b"/Lang(en)" in response.content
