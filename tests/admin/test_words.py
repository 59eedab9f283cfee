"""The desk has a word for everything it may have to say."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st

from dsr import grounds
from dsr.admin import codes, marks, words
from dsr.audit.events import EVENTS
from dsr.oversight.rules import RULES
from dsr.states import Kind, Owner, State

SUBJECTS = (Path(settings.BASE_DIR) / "templates" / "dsr" / "letters").glob("*.subject.txt")


def test_every_kind_state_and_owner_has_its_word():
    assert set(words.KINDS) == set(Kind)
    assert set(words.STATES) == set(State)
    assert set(words.OWNERS) == set(Owner)


def test_every_fact_of_every_event_has_its_label():
    assert {fact for event in EVENTS.values() for fact in event.facts} == set(words.FACTS)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=64),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@given(JSON, st.sampled_from(sorted(words.FACTS)))
@pytest.mark.django_db
def test_a_fact_nobody_foresaw_is_told_as_it_is(value, name):
    assert isinstance(words.fact(name, value), str)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("ground", "unfounded-or-excessive", grounds.REFUSALS["unfounded-or-excessive"].sentence),
        ("ground", "complexity", grounds.EXTENSIONS["complexity"].sentence),
        ("ground", "COMPTA", grounds.KEEPING["COMPTA"].sentence),
        ("ground", "of-yore", "of-yore"),
        ("rule", "refusals", RULES["refusals"].title),
        ("rule", "of-yore", "of-yore"),
        ("mark", "follow_up", "à suivre"),
        ("fields", "groups.profile.shoe_size.more", "groupes, identité, shoe_size, d’autres"),
        ("root", "5e5e" * 16, "5e5e 5e5e 5e5e"),
        ("problems", 0, "0"),
        ("letter", "package_ready", "copie prête"),
        ("letter", "of_yore", "of_yore"),
        ("language", "fr", "Français"),
        ("concept", "shoe_size", "shoe_size"),
    ],
)
def test_codes_of_the_log_are_told_in_words_and_those_that_left_their_list_as_they_are(name, value, said):
    assert words.fact(name, value) == str(said)


def test_what_is_corrected_is_named_as_its_reader_is_told(settings):
    settings.DSR_SOURCES = ["dsr.readers.sources.Accounts"]
    assert words.fact("concept", "family_name") == "Nom"


def test_every_letter_has_its_name():
    assert {path.name.partition(".")[0] for path in SUBJECTS} == set(codes.LETTERS)


def test_the_first_of_a_month_is_written_as_the_french_do():
    assert [words.iso_date(day) for day in ("2031-12-01", "2031-12-11")] == ["1er décembre 2031", "11 décembre 2031"]


@pytest.mark.django_db
def test_groups_are_told_by_the_names_they_have_now():
    first, second = Group.objects.create(name="Un"), Group.objects.create(name="Deux")
    assert words.fact("groups", f"{second.pk}.{first.pk}") == "Deux, Un"
    assert words.fact("group", first.pk) == "Un"
    first.delete()
    assert words.fact("groups", f"{first.pk or 999}.{second.pk}") == "999, Deux"


@given(st.lists(st.tuples(st.sampled_from(sorted(grounds.KEEPING)), st.dates() | st.none(), st.integers(1, 99))))
def test_kept_rows_are_told_once_for_each_ground_and_none_is_left_out(kept):
    lines = [{"ground": code, "until": day and day.isoformat(), "rows": rows} for code, day, rows in kept]
    told = words.kept(lines)
    assert len(told) == len({code for code, _day, _rows in kept})
    assert sum(int(text.split("\N{NO-BREAK SPACE}")[0].split()[0]) for text in told) == sum(rows for *_, rows in kept)


@given(st.integers(-400, 400))
def test_days_left_are_told_in_words_with_their_tone(days):
    now = datetime.now().astimezone()
    mark = marks.days_left(date.fromordinal(marks.deadlines.receipt_day(now).toordinal()) + timedelta(days=days), now)
    assert ("en retard" in mark.word) == (days < 0)
    assert mark.tone == ("bad" if days <= 0 else "warn" if days <= marks.SOON_DAYS else "plain")


def test_a_mark_escapes_its_word():
    assert "<b>" not in str(marks.Mark("<b>"))


LINE = {"erased": 1, "rewritten": 0, "files": 0, "kept": [{"ground": "COMPTA", "until": "2035-12-31", "rows": 2}]}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (LINE, {**LINE, "erased": 3}, ["effacées\u00a0: 1 → 3"]),
        (LINE, {**LINE, "kept": []}, ["conservées, COMPTA\u00a0: 2 → 0"]),
        (LINE, {**LINE, "kept": [{**LINE["kept"][0], "until": None}]}, ["les mêmes comptes, d’autres dates de fin"]),
        (LINE, {**LINE, "fingerprint": "x"}, ["les mêmes comptes, d’autres lignes"]),
        (None, LINE, ["source ajoutée aux réglages"]),
        (LINE, None, ["source retirée des réglages"]),
    ],
)
def test_what_changed_between_two_plans_is_told_in_counts(before, after, said):
    assert words.plan_changes(before, after) == said
