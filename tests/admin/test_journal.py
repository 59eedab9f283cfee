"""The log as an auditor reads it."""

from datetime import UTC, datetime, timedelta
from html import unescape

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from dsr.admin import journal_paging
from dsr.audit import checkpoints, log, sequencer
from dsr.audit.events import EVENTS, Event
from dsr.audit.verifying import verify
from dsr.lifecycle import triage
from dsr.models.audit import AuditEntry
from dsr.models.tree import Leaf
from dsr.states import Kind

pytestmark = pytest.mark.django_db

LOG = "/admin/dsr/auditentry/"


def listed(response):
    return [row["event"] for row in response.context_data["rows"]]


def numbers(response):
    return [row["pk"] for row in response.context_data["rows"]]


def text_of(response):
    return (
        unescape(response.content.decode()).replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")
    )


def address(entry):
    return f"{LOG}{entry.pk}/change/"


@pytest.fixture
def reads(desk, remi):
    """Rémi looks at a page of the log."""
    client = desk(remi)
    return lambda address=LOG, **query: client.get(address, query)


@pytest.fixture
def looks(remi, at):
    """``looks(3)`` writes three entries of one and the same instant; returns their numbers, the newest first."""

    @transaction.atomic
    def write(count, by=remi, at=at):
        return [log.record("log.viewed", by=by, at=at).pk for _each in range(count)][::-1]

    return write


@pytest.fixture
def published(at):
    """Every entry has its place, under a signed checkpoint."""

    def publish():
        sequencer.run()
        checkpoints.publish(at=at)

    return publish


# In words


def test_entries_are_told_in_words(reads, examined):
    reference = examined().reference
    page = text_of(reads())
    assert f"Le lecteur a déposé {reference}" in page
    assert "moyen : contrôle de la boîte aux lettres" in page


def test_a_refusal_is_told_with_its_ground_in_words(reads, examined, olive, at):
    refused = triage.refuse(examined(), because="unfounded-or-excessive", advice="Excessive.", by=olive, at=at)
    said = f"L’agent {olive.reference} a refusé {refused.reference} : Votre demande est manifestement infondée"
    page = text_of(reads())
    assert said in page
    assert "unfounded-or-excessive" not in page


def test_groups_are_told_by_their_names(reads, remi, at):
    group = remi.groups.get()
    with transaction.atomic():
        log.record("staff.added", by=remi, at=at, facts={"member": "S-222222", "groups": f"{group.pk}.999.more"})
    assert f"groupes : {group.name}, 999, d’autres" in text_of(reads())


def test_an_event_that_left_the_list_is_told_by_its_code(reads, remi, at, monkeypatch):
    with monkeypatch.context() as past, transaction.atomic():
        past.setitem(EVENTS, "request.ancient", Event("", ""))
        log.record("request.ancient", by=remi, at=at)
    response = reads(event="request.ancient")
    assert f"L’agent {remi.reference} : request.ancient, {remi.reference}" in text_of(response)
    assert '<option value="request.ancient" selected>' in response.content.decode()


def test_no_reader_is_named_anywhere(reads, examined):
    examined(Kind.OTHER, message="Alice Secret")
    for page in (reads(), reads(address(AuditEntry.objects.first())), reads("/admin/")):
        assert "alice" not in page.content.decode().lower()


def test_an_entry_shows_the_very_text_that_is_hashed(reads, examined, published):
    examined()
    published()
    entry = AuditEntry.objects.get(event="request.confirmed")
    page = text_of(reads(address(entry)))
    assert entry.canonical in page
    [root] = [checkpoints.opened(each.text).root for each in checkpoints.published()]
    assert all(shown in page for shown in (bytes(entry.leaf.hash).hex(), root.hex(), entry.previous))
    assert f'href="{LOG}?about={entry.subject}"' in page


# Who looks, and what a look leaves


def test_looking_at_the_log_is_recorded_in_it(reads, remi):
    first = reads()
    assert listed(first) == ["log.viewed"]
    reads(address(AuditEntry.objects.first()))
    assert [entry.subject for entry in AuditEntry.objects.filter(event="log.viewed")] == [remi.reference] * 2


@pytest.mark.parametrize("person", ["olive", "mallory"])
def test_a_refused_look_is_no_look(person, request, desk, looks):
    [entry] = looks(1)
    client = desk(request.getfixturevalue(person))
    addresses = (LOG, f"{LOG}{entry}/change/", f"{LOG}987654321/change/")
    assert [client.get(each).status_code for each in addresses] == [403] * 3
    assert AuditEntry.objects.count() == 1


@pytest.mark.parametrize("number", ["987654321", "9" * 40])
def test_looking_for_an_entry_that_is_not_there_is_no_look(number, reads):
    assert reads(f"{LOG}{number}/change/").status_code == 404
    assert not AuditEntry.objects.exists()


def test_a_look_writes_only_that_it_took_place_and_counts_nothing(reads, examined):
    examined()
    reads()  # the first page of a session writes the session
    for place in (LOG, address(AuditEntry.objects.first())):
        with CaptureQueriesContext(connection) as queries:
            reads(place)
        statements = [query["sql"] for query in queries]
        written = [each.split('"')[1] for each in statements if each.startswith(("INSERT", "UPDATE", "DELETE"))]
        assert written == ["dsr_auditentry", "dsr_pending"]
        assert not [each for each in statements if "COUNT(" in each.upper()]


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_nothing_is_sent_to_the_log(method, desk, remi, looks):
    [entry] = looks(1)
    for place in (LOG, f"{LOG}{entry}/change/"):
        assert getattr(desk(remi), method)(place).status_code == 405


def test_the_log_verifies_after_it_was_looked_at(reads, examined):
    examined()
    reads()
    assert list(verify()) == []


# Whether it verifies


def test_each_entry_shows_its_place_and_whether_it_verifies(reads, examined, published):
    examined()
    published()
    rows = reads().context_data["rows"]
    assert [(row["index"], row["mark"].word) for row in rows[:2]] == [(None, "attend sa place"), (2, "vérifiée")]
    sequencer.run()
    page = text_of(reads())
    assert "pas encore dans un point de contrôle" in page
    assert "ne se vérifie pas" not in page


def test_a_changed_text_stands_out_in_the_list_and_on_its_page(unguarded, reads, examined, published):
    examined()
    published()
    entry = AuditEntry.objects.get(event="request.confirmed")
    text = entry.canonical.replace('"reader"', '"system"')
    AuditEntry.objects.filter(pk=entry.pk).update(canonical=text)
    for page in (text_of(reads()), text_of(reads(address(entry)))):
        assert page.count("ne se vérifie pas") == 1
        assert "Son texte n’est pas celui que tient l’arbre." in page
    following = AuditEntry.objects.create(subject=entry.subject, n=4, event="x", at=entry.at, actor="x", canonical="{}")
    assert "Celle d’avant, dans sa chaîne, n’est plus celle qu’elle nomme." in text_of(reads(address(following)))


@pytest.mark.parametrize(
    "text",
    ["[", "{}", "null", '{"facts":{"erased":[[]],"digest":7,"kind":{}}}', "[" * 9999, "<script>alert(1)</script>"],
)
def test_whatever_an_altered_text_holds_is_shown(text, unguarded, reads, looks, published):
    [entry] = looks(1)
    published()
    AuditEntry.objects.filter(pk=entry).update(canonical=text)
    for response in (reads(), reads(f"{LOG}{entry}/change/")):
        assert response.status_code == 200
        assert "ne se vérifie pas" in text_of(response)
        assert "<script>alert" not in response.content.decode()


def test_facts_of_a_strange_shape_are_shown(unguarded, reads, looks):
    [number] = looks(1)
    entry = AuditEntry.objects.get(pk=number)
    strange = {"digest": 7, "kind": {"a": []}, "group": [1], "source": None, "scope": "<b>"}
    AuditEntry.objects.filter(pk=number).update(canonical=log.canonical_text(entry, facts=strange, previous=""))
    page = reads().content.decode()
    assert "&lt;b&gt;" in page
    assert "<b>" not in page


def test_a_checkpoint_of_another_key_is_told(unguarded, reads, looks, published):
    looks(1)
    published()
    row = checkpoints.Checkpoint.objects.get()
    row.note = row.note.replace("\n1\n", "\n2\n", 1)
    row.save()
    assert "n’est pas signé par le service : rien ne peut être prouvé contre lui." in text_of(reads())


# Pages


def walked(reads, response, way):
    """The numbers on a page and on every page that its links of one way lead to."""
    pages = [numbers(response)]
    while link := response.context_data[way]:
        response = reads(LOG + link)
        pages.append(numbers(response))
    return pages


def test_links_forward_and_back_lose_nothing_among_entries_of_one_instant(monkeypatch, reads, looks, olive):
    monkeypatch.setattr(journal_paging, "SIZE", 4)
    pks = looks(13, by=olive)
    pages = [pks[:4], pks[4:8], pks[8:12], pks[12:]]
    assert walked(reads, reads(agent=olive.reference), "older") == pages
    assert walked(reads, reads(agent=olive.reference, before=pks[11]), "newer") == pages[::-1]


def test_links_to_other_pages_keep_the_filters(monkeypatch, reads, looks):
    monkeypatch.setattr(journal_paging, "SIZE", 1)
    looks(2)
    page = reads(event="log.viewed", since="hier", about="a&b")
    assert page.context_data["older"].startswith("?event=log.viewed&about=a%26b&since=hier&before=")


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("token", ["", "x", "-1", "0", "9" * 30, "9" * 5000, "1.5", "\x00", "' OR 1=1", "987654321"])
def test_a_nonsense_token_shows_the_newest(side, token, reads, looks):
    pks = looks(2)
    response = reads(event="log.viewed", until="2026-09-16", **{side: token})
    assert numbers(response) == pks
    assert not response.context_data["newer"]


def test_beyond_the_oldest_there_is_nothing_but_the_way_back(reads, looks):
    pks = looks(2)
    response = reads(before=pks[-1], until="2026-09-16")
    assert numbers(response) == []
    assert numbers(reads(LOG + response.context_data["newer"])) == pks


# Filters


def test_filters_by_event_actor_and_subject(reads, examined, remi, olive, looks):
    reference = examined().reference
    looks(1, by=olive)
    reads()
    assert listed(reads(event="request.received")) == ["request.received"]
    assert set(listed(reads(by="reader"))) == {"request.received", "code.used", "request.confirmed"}
    assert listed(reads(by="system")) == []
    assert listed(reads(about=reference)) == ["request.confirmed", "code.used", "request.received"]
    assert set(listed(reads(agent=olive.reference))) == {"log.viewed"}
    assert listed(reads(event="request.received", by="staff")) == []


def test_staff_are_all_who_are_neither_reader_nor_system(reads, examined, looks, olive, simone, at):
    reference = examined().reference
    pks = [*looks(2, by=olive, at=at), *looks(1, by=simone, at=at - timedelta(minutes=1)), *looks(1, by=olive, at=at)]
    assert numbers(reads(by="staff", until="2026-09-16")) == [pks[3], pks[0], pks[1], pks[2]]
    assert numbers(reads(by="staff", event="log.viewed", until="2026-09-16")) == [pks[3], pks[0], pks[1], pks[2]]
    assert numbers(reads(by="staff", about=reference)) == []


@pytest.mark.parametrize(
    "how", [str, str.lower, lambda text: f" {text.replace('-', ' ')} ", lambda text: text.replace("-", "")]
)
def test_a_reference_is_understood_however_it_is_typed(how, reads, examined, looks, olive):
    reference = examined().reference
    looks(1, by=olive)
    assert "request.received" in listed(reads(about=how(reference)))
    assert listed(reads(agent=how(olive.reference))) == ["log.viewed"]
    assert listed(reads(about="log")) == []


@pytest.mark.parametrize(
    ("since", "until", "seen"), [("2026-09-17", "", 0), ("2026-09-16", "2026-09-16", 1), ("", "2026-09-15", 0)]
)
def test_filters_by_day_of_paris(since, until, seen, reads, asks):
    asks(at=datetime(2026, 9, 15, 22, 30, tzinfo=UTC))
    assert len(listed(reads(event="request.received", since=since, until=until))) == seen


HOSTILE = "<script>alert(1)</script>"


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("since", "hier", "« hier » n’est pas un jour"),
        ("until", "2026-02-30", "« 2026-02-30 » n’est pas un jour"),
        ("since", HOSTILE, f"« {HOSTILE} » n’est pas un jour"),
        ("about", HOSTILE, f"« {HOSTILE} » n’est pas une référence"),
        ("agent", "alice@example.org", "« alice@example.org » n’est pas une référence"),
        ("agent", "x" * 300, "n’est pas une référence"),
        ("about", "a\x00b", ""),
        ("event", HOSTILE, HOSTILE),
        ("by", HOSTILE, HOSTILE),
    ],
)
def test_what_is_no_filter_is_said_and_kept_and_loses_nothing(name, typed, said, reads, looks):
    looks(1)
    response = reads(**{"until": "2026-09-16", name: typed})
    page = text_of(response)
    assert "log.viewed" in listed(response)
    assert "Un filtre n’a pas été compris" in page
    assert said in page
    assert HOSTILE not in response.content.decode()
    assert name in {"event", "by"} or f'<input type="text" name="{name}" value="{typed}"' in page


@pytest.mark.parametrize("query", ["q=%3Cscript%3E", "page=9&p=3&all=&o=1.-2", "event__startswith=x", "_popup=1&e=1"])
def test_what_the_log_never_offered_does_no_harm(query, reads, looks):
    looks(1)
    response = reads(f"{LOG}?{query}")
    assert "log.viewed" in listed(response)
    assert "<script>alert" not in response.content.decode()


@pytest.mark.parametrize("query", [{"since": "0001-01-01"}, {"until": "9999-12-31"}])
def test_the_ends_of_time_narrow_nothing(query, reads):
    assert listed(reads(**query)) == ["log.viewed"]


def test_every_event_can_be_chosen_by_its_sentence(reads):
    page = unescape(reads().content.decode())
    assert all(f'<option value="{code}">{event.sentence}</option>' in page for code, event in EVENTS.items())


def test_an_empty_list_says_so(reads):
    assert "Rien à montrer ici." in text_of(reads(about="DSR-2222-2222"))
    assert not Leaf.objects.exists()


def test_an_entry_of_the_end_of_time_is_shown(desk, remi, asks):
    log.record("request.viewed", about=asks(), by=remi, at=datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC))
    assert "9999-12-31" in desk(remi).get(LOG).content.decode()
