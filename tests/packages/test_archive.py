"""The archive holds all that was collected, in every form, in bounded memory, whatever readers wrote."""

import csv
import gc
import io
import json
import shutil
import subprocess
import sys
import tracemalloc
import zipfile

import pytest

from dsr.packages import archive, cells, vault
from dsr.packages.inventory import HandedIn
from dsr.sources.base import Column
from dsr.sources.csv_text import original
from tests.packages.library import BILLING, Shelf, contents, manifest_of, packed

HOSTILE = [
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'&lt;",
    '=HYPERLINK("http://evil.example.org","clic")',
    'guillemets "doubles", virgules; et\r\nlignes\nmêlées',
    "contrôles \u0000\u0007\u001b[31m\u007f",
    "renversé \u202efdp.exe\u202c \u2066isolé",
    "]]></style></title>--><!--{{ settings.SECRET_KEY }}{% load x %}",
    "x" * 100_000,
    "😀 e\u0301 \ufeff \u2028",
    "",
]


def comments(texts=HOSTILE):
    return Shelf("comments", rows=[{"id": number, "text": text, "spam": None} for number, text in enumerate(texts)])


def rows_of(package, name):
    return json.loads(package.read(f"data/{name}.json"))


def table_of(package, name):
    return list(csv.DictReader(io.StringIO(package.read(f"data/{name}.csv").decode("utf-8-sig"), newline="")))


def test_an_archive_holds_each_form_and_ends_with_the_manifest():
    package = packed(comments(["Bonjour"]), Shelf("support", files={"photo.jpg": b"jpeg"}))
    assert package.namelist() == [
        "data/comments.json",
        "data/comments.csv",
        "files/support/photo.jpg",
        "letter.pdf",
        "index.html",
        "manifest.json",
    ]
    assert package.testzip() is None


def test_json_keeps_every_record_on_its_line():
    lines = packed(comments()).read("data/comments.json").decode().rstrip("\n").split("\n")
    assert (lines[0], lines[-1]) == ("[", "]")
    assert [json.loads(line.rstrip(","))["text"] for line in lines[1:-1]] == HOSTILE


def test_json_and_csv_are_twins():
    package = packed(comments())
    expected = [
        {"id": str(row["id"]), "text": cells.visible(row["text"]), "spam": ""} for row in rows_of(package, "comments")
    ]
    csv.field_size_limit(200_000)
    assert [{name: original(value) for name, value in row.items()} for row in table_of(package, "comments")] == expected


def test_excel_finds_the_mark_of_utf_8():
    assert packed(comments()).read("data/comments.csv").startswith(b'\xef\xbb\xbf"id","text","spam"\r\n')


def test_a_record_written_over_several_lines_stays_one_line():
    source = Shelf("notes", rows=lambda: iter(['{\n "a":\r\n 1\n}']), columns=(Column("a", "A"),))
    assert packed(source).read("data/notes.json") == b'[\n{  "a":   1 }\n]\n'


def test_an_empty_source_has_a_line_and_no_file():
    package = packed(Shelf("invoices", label="Factures"), comments())
    assert not [name for name in package.namelist() if "invoices" in name]
    assert manifest_of(package)["nothing_held"] == [{"name": "invoices", "label": "Factures"}]
    assert "<li>Factures</li>" in package.read("index.html").decode()


def test_a_reader_of_whom_nothing_is_held_is_told_so():
    index = packed(Shelf("comments"), Shelf("invoices")).read("index.html").decode()
    assert "nous ne détenons aucune donnée sur vous" in index


def test_a_missing_upload_is_an_omission_with_its_reason():
    package = packed(Shelf("support", label="Courriers", files={"a.pdf": None, "b.pdf": b"kept"}))
    (omission,) = manifest_of(package)["omissions"]
    assert (omission["source"], omission["what"]) == ("support", "a.pdf")
    assert "ne le trouvons plus" in omission["reason"]
    assert "ne le trouvons plus" in package.read("index.html").decode()
    assert package.read("files/support/b.pdf") == b"kept"


def test_a_source_of_which_only_a_lost_file_is_known_is_not_said_to_hold_nothing():
    package = packed(Shelf("support", files={"a.pdf": None}))
    assert manifest_of(package)["nothing_held"] == []


def test_files_handed_in_by_staff_join_the_readers_own():
    sealed = HandedIn("support", "export.csv", lambda: iter([b"a", b"b"]))
    package = packed(Shelf("support", files={"Export.csv": b"c"}), uploads=(sealed,))
    assert package.read("files/support/Export.csv") == b"c"
    assert package.read("files/support/export-2.csv") == b"ab"


def test_a_file_that_cannot_be_decrypted_is_an_omission():
    def damaged():
        raise vault.DamagedError

    package = packed(Shelf("support"), uploads=(HandedIn("support", "a.pdf", damaged),))
    assert [each["what"] for each in manifest_of(package)["omissions"]] == ["a.pdf"]


def test_a_file_handed_in_for_no_source_is_refused():
    with pytest.raises(ValueError, match="crm"):
        contents(Shelf("support"), uploads=(HandedIn("crm", "a.pdf", lambda: iter(())),))


def test_a_file_that_breaks_off_ends_the_packing():
    def broken():
        yield b"half"
        raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        packed(Shelf("support"), uploads=(HandedIn("support", "a.pdf", broken),))


def test_only_what_was_asked_is_packed():
    sources = (comments(), Shelf("invoices", label="Factures", rows=[{"total": "59.00"}], activity=BILLING))
    package = packed(*sources, scope={"comments": ["1", "2"]})
    assert [row["id"] for row in rows_of(package, "comments")] == [1, 2]
    assert manifest_of(package)["out_of_scope"] == [{"name": "invoices", "label": "Factures"}]
    assert "data/invoices.json" not in package.namelist()


def test_no_member_can_leave_its_folder():
    hostile = ["../../evil", "/abs", "C:\\evil", "nul.txt", "a/b", "..", "é" * 300]
    package = packed(Shelf("aux", rows=[{"a": 1}], files=dict.fromkeys(hostile, b"x")))
    for name in package.namelist():
        assert not name.startswith("/")
        assert "\\" not in name
        assert ".." not in name.split("/")
        assert all(len(part) <= 100 for part in name.split("/"))


def test_the_same_contents_give_the_same_bytes():
    first, second = (b"".join(archive.stream(contents(comments()))) for _ in range(2))
    assert first == second


def test_members_bear_the_instant_of_the_packing():
    assert {info.date_time for info in packed(comments()).infolist()} == {(2026, 11, 23, 11, 4, 0)}


def test_the_heartbeat_hears_of_rows_and_can_end_the_packing(monkeypatch):
    monkeypatch.setattr(archive, "HEARTBEAT_SECONDS", 0)
    heard: list[int] = []

    def lost(rows):
        heard.append(rows)
        if rows >= 1500:
            raise TimeoutError

    with pytest.raises(TimeoutError):
        b"".join(archive.stream(contents(comments(["x"] * 5000)), heartbeat=lost))
    assert heard == sorted(heard)
    assert heard[-1] == 1500


def test_the_heartbeat_is_heard_while_a_large_file_passes(monkeypatch):
    monkeypatch.setattr(archive, "HEARTBEAT_SECONDS", 0)
    heard: list[int] = []
    large = HandedIn("support", "film.mp4", lambda: iter([b"\0" * 2**20] * 32))
    for _chunk in archive.stream(contents(Shelf("support"), uploads=(large,)), heartbeat=heard.append):
        pass
    assert len(heard) >= 32


def test_a_quick_packing_costs_no_heartbeat():
    heard: list[int] = []
    b"".join(archive.stream(contents(comments(["x"] * 5000)), heartbeat=heard.append))
    assert len(heard) < 5


def test_other_tools_open_the_archive(tmp_path):
    file = tmp_path / "archive.zip"
    file.write_bytes(b"".join(archive.stream(contents(comments(), Shelf("support", files={"été.txt": b"x"})))))
    subprocess.run([sys.executable, "-m", "zipfile", "-e", file, tmp_path / "python"], check=True)
    assert (tmp_path / "python" / "data" / "comments.csv").is_file()
    if unzip := shutil.which("unzip"):
        subprocess.run([unzip, "-q", file, "-d", tmp_path / "unzip"], check=True)
        assert (tmp_path / "unzip" / "files" / "support" / "été.txt").read_bytes() == b"x"


def many(count):
    text = "Un commentaire ordinaire, ni long ni court. " * 5
    return lambda: (json.dumps({"id": number, "text": f"{number} {text}"}) for number in range(count))


def test_many_megabytes_pass_in_bounded_memory():
    def rows():
        return (json.dumps({"id": number, "text": f"{number:010} " * 1000}) for number in range(3000))

    columns = (Column("id", "Numéro"), Column("text", "Texte"))
    packed(Shelf("comments", rows=many(500), columns=columns))
    gc.collect()
    tracemalloc.start()
    size = sum(len(chunk) for chunk in archive.stream(contents(Shelf("comments", rows=rows, columns=columns))))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert size > 300_000
    assert peak < 8 * 1024 * 1024


def test_a_large_source_is_whole_in_every_form():
    source = Shelf("comments", rows=many(3_000), columns=(Column("id", "Numéro"), Column("text", "Texte")))
    package = packed(source)
    assert [row["id"] for row in rows_of(package, "comments")] == list(range(3_000))
    assert [row["id"] for row in table_of(package, "comments")] == [str(number) for number in range(3_000)]
    pages = [name for name in package.namelist() if name.startswith("pages/")]
    shown = "".join(package.read(name).decode() for name in ["index.html", *pages])
    assert shown.count('<tr role="row">') - len(pages) - 1 == 3_000
    assert all(f">{number} Un commentaire" in shown for number in range(3_000))


def test_a_sealed_archive_opens_again():
    sealed = vault.seal(archive.stream(contents(comments())), object_name=vault.fresh_name())
    assert sealed.size == len(b"".join(archive.stream(contents(comments()))))


def test_every_member_is_zip64_so_that_no_size_is_too_large():
    with packed(comments(), Shelf("support", files={"a": b"x"})) as package:
        assert all(info.extract_version == zipfile.ZIP64_VERSION for info in package.infolist())
