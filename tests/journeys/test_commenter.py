"""The most talkative commenter of an imported WordPress site asks for everything, then to be forgotten.

``DSR_TEST_EXPORT`` names another export to do the same with, such as the newspaper's own.
"""

import io
import json
import os
import re
import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.db.models.functions import Lower

from dsr.lifecycle import execution
from dsr.readers.models import Comment
from dsr.states import Kind, State
from tests.journeys.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)

EXPORT = os.environ.get("DSR_TEST_EXPORT") or str(Path(__file__).parent / "samples" / "talkative.wxr.xml")

# What the letter of an erasure says is kept: the request, its decision, our letters and the address used for them.
KEPT_BY_THE_LETTER = {"dsr_datarequest", "dsr_identifier", "dsr_notice"}


def dump() -> dict[str, dict[str, str]]:
    """Every row of every table as text, by table and key."""
    with connection.cursor() as cursor:
        tables = connection.introspection.table_names(cursor)
        found = {}
        for table in tables:
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            found[table] = {str(row[0]): repr(row) for row in cursor.fetchall()}
    return found


def files() -> dict[str, bytes]:
    """Every stored file by name, the encrypted ones too."""
    root = Path(settings.DSR_DATA_DIR)
    stored = [path for folder in ("media", "packages") for path in (root / folder).rglob("*") if path.is_file()]
    return {str(path): path.read_bytes() for path in stored}


def where(address: str, rows: dict[str, dict[str, str]]) -> set[str]:
    """The tables that hold an address, in capitals or not; a longer address that ends alike is somebody else's."""
    whole = re.compile(rf"(?<![\w.+-]){re.escape(address)}(?![\w-])", re.IGNORECASE)
    return {table for table, texts in rows.items() if any(whole.search(text) for text in texts.values())}


@pytest.fixture
def commenter(_house, reader):
    """Whoever wrote most, under their address."""
    call_command("import_wordpress", EXPORT, verbosity=0)
    signed = Comment.objects.exclude(author_email="").annotate(who=Lower("author_email"))
    most = signed.values("who").annotate(comments=Count("pk")).order_by("-comments", "who")
    return reader(most[0]["who"])


def theirs(commenter) -> dict[int, Comment]:
    return Comment.objects.in_bulk(
        list(Comment.objects.filter(author_email__iexact=commenter.address).values_list("pk", flat=True))
    )


def answered(data_request):
    def come():
        data_request.refresh_from_db()
        return data_request.state == State.ANSWERED and data_request.answer_sent_at

    return until(come)


def test_they_receive_all_of_it_and_are_forgotten(commenter, olive_at_her_desk, simone_at_her_desk):
    written, before = theirs(commenter), dump()
    statuses = {comment.status for comment in written.values()}
    assert len(written) > 2

    access = commenter.asks(Kind.ACCESS)
    olive_at_her_desk.does(access, "accept")
    olive_at_her_desk.lets_go(access)
    answered(access)
    archive = zipfile.ZipFile(io.BytesIO(commenter.downloads(access)))
    comments = json.loads(archive.read("data/comments.json"))
    assert {int(comment["id"]) for comment in comments} == set(written)
    assert {comment["status"] for comment in comments} == statuses

    erasure = commenter.asks(Kind.ERASURE)
    olive_at_her_desk.does(erasure, "accept")
    plan = until(lambda: execution.current_plan(erasure))
    simone_at_her_desk.does(erasure, "approve", fingerprint=plan.fingerprint)
    answered(erasure)
    letter = commenter.postbox.body(commenter.address, saying="Vos données ont été effacées")
    assert "cette demande" in letter.lower()

    after = dump()
    assert where(commenter.address, after) <= KEPT_BY_THE_LETTER
    assert not [name for name, content in files().items() if commenter.address.encode() in name.encode() + content]
    was_theirs = {key: text for key, text in after["readers_comment"].items() if int(key) in written}
    for key, text in was_theirs.items():
        assert written[int(key)].content not in text
        assert repr(written[int(key)].author_name) not in text
        assert not written[int(key)].author_ip or written[int(key)].author_ip not in text
    for table in (name for name in before if name.startswith("readers_")):
        others = {
            key: text for key, text in before[table].items() if table != "readers_comment" or int(key) not in written
        }
        assert {key: text for key, text in after[table].items() if key in others} == others
