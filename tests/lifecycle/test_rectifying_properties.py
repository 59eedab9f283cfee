"""What holds for any corrections: they converge wherever the work is cut off, reach each copy, and nothing else."""

from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dsr.lifecycle import restricting
from dsr.lifecycle.rectifying import Rectification, send_back_stale
from dsr.models.correction import Correction, Decision
from dsr.models.identity import Identifier, Means
from dsr.models.request import Channel, DataRequest
from dsr.models.step import Action, Step
from dsr.sources import registry
from dsr.states import Kind, State
from tests.sources.readers import ALICE, BOB, account, comment, instant, known_by
from tests.sources.test_properties import a_world, alices, dump

pytestmark = pytest.mark.django_db

AT = instant("2026-09-16T09:30")
NAMES = ("Ana", "Bea", "Cléo", "Dora")

few = settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])
names = st.sampled_from(NAMES)
owners = st.sampled_from([ALICE, BOB, ALICE.upper()])
wished = st.dictionaries(names, names | st.just("Éva"), min_size=1).map(
    lambda wishes: {old: new for old, new in wishes.items() if old != new}
)


def asked(wishes: dict[str, str]) -> DataRequest:
    """Alice's request, its mailbox proven and every wish granted."""
    data_request = DataRequest.objects.create(
        kind=Kind.RECTIFICATION, state=State.REVIEW, channel=Channel.FORM, email=ALICE, received_at=AT, entered_at=AT
    )
    Identifier.objects.create(
        data_request=data_request, kind="email", value=ALICE, verified_by=Means.MAILBOX, verified_at=AT
    )
    for old, new in wishes.items():
        Correction.objects.create(
            data_request=data_request, concept="pen_name", old_value=old, new_value=new, decision=Decision.ACCEPTED
        )
    restricting.lay(data_request, at=AT)
    return data_request


def carry_out(data_request: DataRequest, limits: list[int], cuts: list[int]) -> int:
    """Each source to its end, in chunks of those sizes in turns; at a cut the worker dies before it says so."""
    subject = registry.expand(known_by(email=ALICE))
    changed = chunks = 0
    for source in registry.sources():
        work, cursor = Rectification(Step(data_request=data_request, source=source.name, action=Action.RECTIFY)), {}
        while cursor is not None:
            chunk: Any = work(source, subject, cursor, limits[chunks % len(limits)])
            changed, chunks = changed + chunk.changed, chunks + 1
            cursor = cursor if chunks in cuts else chunk.cursor
    return changed


@few
@given(
    rows=st.lists(st.tuples(owners, names), max_size=9),
    own=names,
    wishes=wished,
    limits=st.lists(st.integers(1, 4), min_size=1, max_size=3),
    cuts=st.lists(st.integers(1, 20), max_size=4),
)
def test_corrections_reach_each_copy_once_wherever_the_work_is_cut_off(
    rows: Any, own: str, wishes: Any, limits: Any, cuts: Any
) -> None:
    with a_world():
        alice = account(ALICE, pen_name=own)
        account(BOB, pen_name="Ana")
        for email, name in rows:
            comment(author_email=email, author_name=name)
        data_request = asked(wishes)
        before, hers = dump(), alices(dump(), alice)
        wanted = {key: corrected(key, row, wishes) if key in hers else row for key, row in before.items()}

        changed = carry_out(data_request, limits, cuts)
        assert dump() == wanted
        assert changed == sum(row != before[key] for key, row in wanted.items())
        assert (carry_out(data_request, limits, []), dump()) == (0, wanted)


def corrected(key: Any, row: dict[str, Any], wishes: dict[str, str]) -> dict[str, Any]:
    """The row as it should stand afterwards: said in another way than the sources do."""
    field = {"Account": "pen_name", "Comment": "author_name"}.get(key[0])
    return {**row, field: wishes.get(row[field], row[field])} if field else row


@few
@given(rows=st.lists(st.tuples(owners, names), max_size=9), wishes=wished)
def test_what_came_out_as_decided_is_not_stale(rows: Any, wishes: Any) -> None:
    with a_world():
        account(ALICE, pen_name="Ana")
        for email, name in rows:
            comment(author_email=email, author_name=name)
        standing = {"Ana", *(name for email, name in rows if email != BOB)}
        data_request = asked({old: new for old, new in wishes.items() if old in standing})
        carry_out(data_request, [1000], [])
        assert not send_back_stale(data_request, at=AT)
