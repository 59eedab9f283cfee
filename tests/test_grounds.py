"""The closed lists: what they hold, how long they keep, and what they refuse to guess."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from hypothesis import given
from hypothesis import strategies as st

from dsr.grounds import (
    EXTENSIONS,
    KEEPING,
    REFUSALS,
    UnknownGround,
    extending,
    hosting_grounds_decided,
    keeping,
    refusals_for,
    refusing,
)
from dsr.states import Kind

D = date.fromisoformat
EVERY_GROUND = [*REFUSALS.values(), *EXTENSIONS.values(), *KEEPING.values()]
HOSTING = ["HEB-ID", "HEB-COMPTE", "HEB-IP"]
DATED = [code for code, ground in KEEPING.items() if ground.duration]


@pytest.mark.parametrize(
    ("code", "start", "until"),
    [
        ("CONTRAT-COURS", "2026-08-31", "2026-08-31"),
        ("COMPTA", "2025-03-31", "2035-12-31"),
        ("COMPTA", "2025-12-31", "2035-12-31"),
        ("FISC", "2025-03-31", "2031-03-31"),
        ("CONTRAT-E", "2026-08-31", "2036-08-31"),
        ("LITIGE-5", "2026-08-31", "2031-08-31"),
        ("LITIGE-5", "2024-02-29", "2029-02-28"),
        ("LITIGE-2", "2026-08-31", "2028-08-31"),
        ("HEB-ID", "2026-08-31", "2031-08-31"),
        ("HEB-COMPTE", "2026-08-31", "2027-08-31"),
        ("HEB-IP", "2026-08-31", "2027-08-31"),
        ("OPPO", "2026-08-31", "2029-08-31"),
        ("CONSENT", "2026-08-31", "2031-08-31"),
        ("CB-PREUVE", "2026-02-10", "2027-03-10"),
        ("CB-PREUVE", "2026-01-31", "2027-02-28"),
        ("DSR", "2026-08-31", "2031-08-31"),
    ],
)
def test_each_ground_keeps_for_its_own_time(code, start, until):
    assert keeping(code).until(D(start)) == D(until)


@pytest.mark.parametrize("code", ["PRESSE", "CONTENTIEUX"])
def test_articles_and_named_claims_are_judged_case_by_case(code):
    assert keeping(code).until(D("2026-08-31")) is None


def test_only_contracts_of_120_euros_or_more_are_kept_for_ten_years():
    prices = [Decimal(price) for price in ("59", "119.99", "120", "150")]
    assert [price >= keeping("CONTRAT-E").threshold for price in prices] == [False, False, True, True]
    assert all(price >= keeping("LITIGE-5").threshold for price in prices)


@pytest.mark.parametrize(
    ("year_end", "day", "until"),
    [
        ("06-30", "2025-06-30", "2035-06-30"),
        ("06-30", "2025-07-01", "2036-06-30"),
        ("02-29", "2025-02-28", "2035-02-28"),
        ("02-29", "2024-02-29", "2034-02-28"),
        ("02-29", "2023-03-01", "2034-02-28"),
    ],
)
def test_accounts_are_kept_from_the_close_of_the_newspapers_own_year(settings, year_end, day, until):
    settings.DSR_FINANCIAL_YEAR_END = year_end
    assert keeping("COMPTA").until(D(day)) == D(until)


@pytest.mark.parametrize("year_end", ["", "31-12", "décembre"])
def test_a_malformed_financial_year_is_refused(settings, year_end):
    settings.DSR_FINANCIAL_YEAR_END = year_end
    with pytest.raises(ImproperlyConfigured, match="DSR_FINANCIAL_YEAR_END"):
        keeping("COMPTA").until(D("2025-03-31"))


def test_the_dpo_sets_how_long_objections_and_requests_are_kept(settings):
    settings.DSR_OPPOSITION_YEARS, settings.DSR_REQUEST_RETENTION_YEARS = 4, 3
    assert keeping("OPPO").until(D("2026-08-31")) == D("2030-08-31")
    assert keeping("DSR").until(D("2026-08-31")) == D("2029-08-31")


def test_requests_are_kept_three_years_at_least(settings):
    settings.DSR_REQUEST_RETENTION_YEARS = 2
    with pytest.raises(ImproperlyConfigured, match="DSR_REQUEST_RETENTION_YEARS"):
        keeping("DSR").until(D("2026-08-31"))


@pytest.mark.parametrize(("choice", "decided"), [("keep", True), ("drop", True), ("", False), ("yes", False)])
def test_hosting_grounds_are_decided_by_one_of_two_words(settings, choice, decided):
    settings.DSR_HOSTING_GROUNDS = choice
    assert hosting_grounds_decided() is decided


@pytest.mark.parametrize("code", HOSTING)
def test_a_dropped_hosting_ground_keeps_nothing(settings, code):
    settings.DSR_HOSTING_GROUNDS = "drop"
    assert keeping(code).until(D("2026-08-31")) == D("2026-08-30")


@pytest.mark.parametrize("code", HOSTING)
def test_an_undecided_hosting_ground_is_not_guessed(settings, code):
    settings.DSR_HOSTING_GROUNDS = ""
    with pytest.raises(ImproperlyConfigured, match="DSR_HOSTING_GROUNDS"):
        keeping(code).until(D("2026-08-31"))


def test_the_choice_on_hosting_touches_no_other_ground(settings):
    settings.DSR_HOSTING_GROUNDS = ""
    assert [code for code, ground in KEEPING.items() if ground.hosting] == HOSTING
    assert all(keeping(code).until(D("2026-08-31")) for code in DATED if code not in HOSTING)


@given(st.sampled_from(DATED), st.dates(D("1990-01-01"), D("2100-12-31")), st.integers(0, 800))
def test_what_starts_later_is_never_erased_earlier_nor_before_it_started(code, start, days):
    until = keeping(code).until(start)
    assert start <= until <= keeping(code).until(start + timedelta(days=days))


@given(st.dates(D("1990-01-01"), D("2100-12-31")))
def test_accounts_are_erased_on_the_last_day_of_a_year_eleven_at_most(day):
    until = keeping("COMPTA").until(day)
    assert (until.month, until.day, until.year - day.year) == (12, 31, 10)


def test_the_law_pages_table_is_whole():
    codes = "CONTRAT-COURS COMPTA FISC CONTRAT-E LITIGE-5 LITIGE-2 HEB-ID HEB-COMPTE HEB-IP OPPO CONSENT CB-PREUVE"
    assert list(KEEPING) == [*codes.split(), "PRESSE", "CONTENTIEUX", "PARTAGE", "DSR"]


def test_an_extension_has_two_reasons_and_workload_is_neither():
    assert list(EXTENSIONS) == ["complexity", "number-of-requests"]


def test_only_calling_a_request_unfounded_needs_the_dpos_advice():
    assert [code for code, ground in REFUSALS.items() if ground.needs_dpo_advice] == ["unfounded-or-excessive"]


def test_a_refusal_fits_the_kind_of_request():
    everyone = {"identity", "unfounded-or-excessive", "right-not-applicable", "journalism"}
    own = {
        Kind.ACCESS: {"rights-of-others"},
        Kind.RECTIFICATION: {"nothing-to-rectify"},
        Kind.ERASURE: {"legal-obligation", "legal-claims"},
    }
    for kind in Kind:
        assert {ground.code for ground in refusals_for(kind)} == everyone | own.get(kind, set())
        assert not any(ground.by_itself for ground in refusals_for(kind))


@pytest.mark.parametrize("look_up", [refusing, extending, keeping])
def test_an_unknown_code_is_named(look_up):
    with pytest.raises(UnknownGround, match=r"charge de travail.* n’est pas un motif prévu"):
        look_up("charge de travail")


def test_each_look_up_knows_its_own_list():
    assert refusing("identity").code == "identity"
    assert extending("complexity").code == "complexity"
    assert keeping("COMPTA").code == "COMPTA"


def test_codes_are_short_and_belong_to_one_list():
    codes = [ground.code for ground in EVERY_GROUND]
    assert len(set(codes)) == len(codes)
    assert max(map(len, codes)) <= 32


@pytest.mark.parametrize("ground", EVERY_GROUND, ids=lambda ground: ground.code)
def test_a_reference_reads_on_and_a_sentence_stands_alone(ground):
    assert str(ground.reference).startswith("l’article ")
    assert str(ground.sentence)[0].isupper()
    assert str(ground.sentence).endswith(".")


@pytest.mark.parametrize("ground", KEEPING.values(), ids=lambda ground: ground.code)
def test_what_is_kept_says_what_why_and_from_when(ground):
    assert str(ground.keeps)[0].isupper()
    assert str(ground.condition).endswith(".")
    assert str(ground.start)[0].islower()
