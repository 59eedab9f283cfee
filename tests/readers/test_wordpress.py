"""The import of a WordPress export: what becomes a comment, what is left out, what is refused and how."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dsr.keys import suppression_token
from dsr.models.erasure import Suppression
from dsr.readers import wordpress, wxr
from dsr.readers.models import Comment

SAMPLE = Path(__file__).parent / "samples" / "journal.wxr.xml"
pytestmark = pytest.mark.django_db


@pytest.fixture
def altered(tmp_path):
    """The sample with one text replaced by another."""

    def write(old: str, new: str) -> Path:
        text = SAMPLE.read_text()
        assert old in text
        path = tmp_path / "altered.xml"
        path.write_text(text.replace(old, new, 1))
        return path

    return write


def comment(number: int) -> Comment:
    return Comment.objects.get(imported_from="journal.example.org", wordpress_id=number)


def refusal(path: Path) -> str:
    """The sentence of a refused import, which has imported nothing."""
    with pytest.raises(CommandError) as refused:
        call_command("import_wordpress", str(path), verbosity=0)
    assert refused.value.returncode == 1
    assert not Comment.objects.exists()
    return str(refused.value).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("number", "status"),
    [(1, "published"), (4, "held"), (5, "spam"), (6, "trashed"), (7, "trashed")],
)
def test_a_comment_of_every_status_is_imported(number, status):
    wordpress.import_file(SAMPLE)
    assert comment(number).status == status


def test_what_the_author_wrote_arrives_unchanged():
    wordpress.import_file(SAMPLE)
    written = comment(1)
    assert written.author_name == "Αλίκη Παπαδοπούλου"
    assert written.author_email == "Alice+journal@Example.org"
    assert written.author_url == "https://example.org/alice"
    assert written.content == (
        'Une <strong>question</strong> & <a href="https://example.org/">un lien</a> ; et ]]> même cela.'
    )
    assert (written.article_url, written.article_title) == ("https://journal.example.org/halle/", "La halle rouvre")
    assert written.created_at == datetime(2024, 3, 2, 9, tzinfo=UTC)
    assert written.account is None


def test_pings_and_authors_are_counted_and_left_out():
    summary = wordpress.import_file(SAMPLE)
    assert summary.left_out == {"pingback": 1, "trackback": 1}
    assert summary.authors == 1
    assert set(Comment.objects.values_list("wordpress_id", flat=True)) == {1, 3, 4, 5, 6, 7, 8}


def test_a_comment_by_a_member_of_the_staff_is_a_comment():
    wordpress.import_file(SAMPLE)
    assert comment(8).author_email == "redaction@example.org"


def test_a_reply_finds_its_parent_wherever_it_stands(monkeypatch):
    monkeypatch.setattr(wordpress, "BATCH", 1)
    wordpress.import_file(SAMPLE)
    assert comment(3).parent == comment(1)


@pytest.mark.parametrize("number", [4, 7])
def test_a_parent_left_out_or_oneself_is_no_parent(number):
    wordpress.import_file(SAMPLE)
    assert comment(number).parent is None


@pytest.mark.parametrize(("number", "ip"), [(1, "192.0.2.7"), (3, "2001:db8::7"), (4, None), (5, None)])
def test_an_ip_is_the_first_readable_one(number, ip):
    wordpress.import_file(SAMPLE)
    assert comment(number).author_ip == ip


def test_an_ipv4_address_in_ipv6_clothes_is_an_ipv4_address(altered):
    path = altered("2001:DB8::7", "::ffff:192.0.2.9")
    wordpress.import_file(path)
    assert comment(3).author_ip == "192.0.2.9"
    assert wordpress.import_file(path).changed == 0


def test_without_gmt_the_local_hour_counts():
    wordpress.import_file(SAMPLE)
    assert comment(4).created_at == datetime(2024, 7, 14, 10, tzinfo=UTC)


def test_without_any_date_the_article_gives_one():
    summary = wordpress.import_file(SAMPLE)
    assert comment(5).created_at == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert summary.undated == 1


def test_a_second_import_changes_nothing():
    wordpress.import_file(SAMPLE)
    before = list(Comment.objects.order_by("pk").values())
    summary = wordpress.import_file(SAMPLE)
    assert (summary.new, summary.changed, summary.unchanged) == (0, 0, 7)
    assert list(Comment.objects.order_by("pk").values()) == before


def test_a_later_export_updates_what_changed(altered):
    wordpress.import_file(SAMPLE)
    summary = wordpress.import_file(altered("Je réponds avant la question.", "Je réponds après."))
    assert (summary.new, summary.changed, summary.unchanged) == (0, 1, 6)
    assert comment(3).content == "Je réponds après."


def test_the_same_site_with_and_without_https_is_one_site(altered):
    wordpress.import_file(SAMPLE)
    moved = altered("https://journal.example.org/</wp:base_blog_url>", "http://journal.example.org</wp:base_blog_url>")
    assert wordpress.import_file(moved).new == 0


@pytest.mark.parametrize("erased", [("author_name", "author_email"), ("author_name",), ("author_email",)])
def test_a_comment_whose_author_was_erased_here_stays_erased(erased):
    wordpress.import_file(SAMPLE)
    blanks = dict.fromkeys(erased, "")
    Comment.objects.filter(wordpress_id=1).update(content="supprimé", **blanks)
    summary = wordpress.import_file(SAMPLE)
    assert summary.erased_here == 1
    assert Comment.objects.filter(wordpress_id=1, content="supprimé", **blanks).exists()
    assert comment(3).parent == comment(1)


def test_control_characters_are_left_out_and_counted(altered):
    summary = wordpress.import_file(altered("Écrit trop vite", "Écrit\x08 trop\x00 vite"))
    assert comment(6).content == "Écrit trop vite"
    assert summary.dropped_characters == 2


def test_an_unknown_status_waits_for_a_moderator(altered):
    wordpress.import_file(altered("<wp:comment_approved>spam<", "<wp:comment_approved>peut-être<"))
    assert comment(5).status == "held"


def test_the_summary_says_every_number(capsys):
    call_command("import_wordpress", str(SAMPLE))
    said = capsys.readouterr().out.replace("\u00a0", " ")
    assert "Commentaires lus : 7" in said
    assert "publié : 3" in said
    assert "pingbacks 1, trackbacks 1" in said
    assert "Sans date lisible, datés de leur article : 1" in said


def test_a_truncated_file_names_the_line_where_it_stops(tmp_path, monkeypatch):
    monkeypatch.setattr(wordpress, "BATCH", 1)
    monkeypatch.setattr(wxr, "CHUNK_BYTES", 512)
    path = tmp_path / "truncated.xml"
    path.write_text("\n".join(SAMPLE.read_text().splitlines()[:100]))
    assert refusal(path) == "Ligne 100 : le fichier s’arrête avant sa fin ; il est vide ou tronqué."


def test_a_malformed_file_names_line_and_cause(altered, monkeypatch):
    monkeypatch.setattr(wordpress, "BATCH", 1)
    monkeypatch.setattr(wxr, "CHUNK_BYTES", 512)
    sentence = refusal(altered("<wp:comment_content>Nous avons corrigé.</wp:comment_content>", "<b>Nous</i>"))
    assert sentence == "Ligne 116, colonne 16 : XML mal formé, une balise est fermée par une autre."


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("<wp:comment_id>3</wp:comment_id>", "", "Ligne 26 : un commentaire n’a pas de numéro (wp:comment_id)."),
        ("comment_id>3<", "comment_id>trois<", "Ligne 26 : un commentaire n’a pas de numéro (wp:comment_id)."),
        ("comment_id>3<", f"comment_id>{2**63}<", "Ligne 26 : un commentaire n’a pas de numéro (wp:comment_id)."),
        ("version>1.2<", "version>1.1<", "Ligne 19 : export WordPress de version 1.1, seule la version 1.2 est lue."),
        (
            "<wp:wxr_version>1.2</wp:wxr_version>",
            "",
            "Ligne 19 : ce n’est pas un export WordPress : la version du format (wp:wxr_version) manque.",
        ),
        ("Rémi", "é" * 256, "Ligne 26 : wp:comment_author dépasse 255 caractères."),
        ("CDATA[Rémi", "CDATA[R&eacute;mi]]></wp:comment_author>&eacute;<![CDATA[", "entité inconnue"),
        (
            "<wp:post_date_gmt>2024-05-01 08:00:00</wp:post_date_gmt>",
            "",
            "Ligne 84 : ni ce commentaire ni son article n’ont de date lisible.",
        ),
        (
            "Nous avons corrigé.",
            "Nous avons <b>corrigé</b>.",
            "une balise au milieu d’un texte, que WordPress aurait protégée par CDATA.",
        ),
    ],
)
def test_what_cannot_be_imported_is_refused_with_its_line(altered, old, new, sentence):
    assert sentence in refusal(altered(old, new))


def test_a_file_without_its_site_is_refused(tmp_path):
    text = SAMPLE.read_text().replace("<link>https://journal.example.org</link>", "")
    path = tmp_path / "nowhere.xml"
    path.write_text(text.replace("https://journal.example.org/</wp:base_blog_url>", "</wp:base_blog_url>"))
    assert "ne dit pas de quel site il vient" in refusal(path)


@pytest.mark.parametrize(
    "declaration",
    [
        '<!DOCTYPE rss [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        '<!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss SYSTEM "https://example.com/rss.dtd">',
    ],
)
def test_entities_and_what_lies_outside_are_refused(altered, declaration):
    sentence = refusal(altered("<rss", f"{declaration}\n<rss"))
    assert sentence.startswith("Ligne 3 : le fichier déclare un DOCTYPE ou des entités")


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "vide ou tronqué"),
        (b"<html><body>Bonjour</body></html>", "la première balise n’est pas « rss »"),
        (b"<rss><channel><title>Un flux</title></channel></rss>", "(wp:wxr_version) manque"),
        (b"<rss><channel><item/></channel></rss>", "(wp:wxr_version) manque"),
        (b"Bonjour", "ce n’est pas du XML"),
        (b'{"comments": []}', "caractère ou balise illisible"),
        (b"<rss>\xff\xfe</rss>", "caractère ou balise illisible"),
        (b"\x89PNG\r\n\x1a\n", "illisible"),
    ],
)
def test_what_is_not_an_export_is_refused(tmp_path, content, cause):
    path = tmp_path / "other.xml"
    path.write_bytes(content)
    assert cause in refusal(path)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    assert "ce fichier n’existe pas" in refusal(tmp_path / "absent.xml")


def test_a_folder_is_said_to_be_a_folder(tmp_path):
    assert "c’est un dossier" in refusal(tmp_path)


# The suppression list


@pytest.fixture
def forgotten():
    """The first comment's author, all of whose data were erased in 2026."""
    erased_at = datetime(2026, 9, 16, tzinfo=UTC)
    row = {"recorded_at": erased_at, "erased_at": erased_at, "until": date(2100, 1, 1)}
    return Suppression.objects.create(token=suppression_token("alice+journal@example.org"), **row)


def test_an_old_export_brings_nobody_back(forgotten):
    summary = wordpress.import_file(SAMPLE)
    assert summary.refused >= 1
    assert not Comment.objects.filter(author_email__iexact="alice+journal@example.org").exists()
    assert any("antérieurs à l’effacement" in sentence for sentence in summary.sentences())
    assert Comment.objects.count() == summary.new == summary.statuses.total() - summary.refused


def test_who_came_back_after_the_erasure_is_imported(forgotten):
    forgotten.erased_at = datetime(1990, 1, 1, tzinfo=UTC)
    forgotten.save()
    assert wordpress.import_file(SAMPLE).refused == 0


def test_who_only_objected_to_messages_is_imported(forgotten):
    forgotten.erased_at = None
    forgotten.save()
    assert wordpress.import_file(SAMPLE).refused == 0
