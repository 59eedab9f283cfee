"""Alice asks for each of her rights; Olive and Simone decide; the worker does the rest."""

import io
import json
import zipfile

import pytest
from django.db.models import Q
from django.utils import timezone

from dsr.audit.verifying import verify
from dsr.lifecycle import execution
from dsr.models.erasure import Suppression
from dsr.readers.demo import believable_newspaper
from dsr.readers.models import Account, Comment, Invoice, NewsletterSubscription, Subscription
from dsr.readers.sources.activities import BILLING
from dsr.states import Kind, State
from tests.journeys.conftest import until

pytestmark = pytest.mark.django_db(transaction=True)

BANK = next(recipient.email for recipient in BILLING.recipients if recipient.code == "banque")


@pytest.fixture
def alice(_house, reader):
    """A reader who comments, takes a newsletter, and was once a subscriber: her invoices outlive an erasure."""
    believable_newspaper(readers=60, comments=600, seed=11)
    letters = NewsletterSubscription.objects.filter(status="active").values("account")
    running = Subscription.objects.filter(ended_on=None).values("account")
    readers = Account.objects.filter(pk__in=letters, comments__isnull=False, invoices__isnull=False)
    return reader(readers.exclude(pk__in=running).exclude(email=None).order_by("pk").first().email)


def written_by(address):
    """The keys of every comment of a reader: their account's, and those that a bare address signed."""
    bare = Q(account=None, author_email__iexact=address)
    return set(Comment.objects.filter(Q(account__email=address) | bare).values_list("pk", flat=True))


def in_state(data_request, state):
    def come():
        data_request.refresh_from_db()
        return data_request.state == state

    return until(come)


def test_access(alice, olive_at_her_desk):
    """A neighbour's address in one of her comments is masked, and an officer reads what she then receives."""
    theirs = Comment.objects.get(pk=min(written_by(alice.address)))
    Comment.objects.filter(pk=theirs.pk).update(content=f"{theirs.content} Voyez bob@example.net, 06 99 88 77 66.")
    data_request = alice.asks(Kind.ACCESS)
    olive_at_her_desk.does(data_request, "accept")
    read = olive_at_her_desk.lets_go(data_request)
    in_state(data_request, State.ANSWERED)
    until(lambda: data_request.notices.filter(answers=True).exclude(sent_at=None).exists())
    archive = zipfile.ZipFile(io.BytesIO(alice.downloads(data_request)))
    comments = json.loads(archive.read("data/comments.json"))
    assert {int(comment["id"]) for comment in comments} == written_by(alice.address)
    manifest = json.loads(archive.read("manifest.json"))
    assert manifest["reference"] == data_request.reference
    (comment,) = (each for each in comments if int(each["id"]) == theirs.pk)
    assert comment["content"].endswith(
        "Voyez [masqué : adresse d’une autre personne], [masqué : numéro d’une autre personne]."
    )
    assert sorted(zipfile.ZipFile(io.BytesIO(read)).namelist()) == sorted(archive.namelist())


def test_rectification(alice, olive_at_her_desk):
    data_request = alice.asks(Kind.RECTIFICATION)
    account = Account.objects.get(email=alice.address)
    form = alice.form(data_request, "wish")
    (field,) = (name for name, value in form.items() if name.startswith("new-") and value == account.family_name)
    alice.does(data_request, "wish", **{**form, field: "Duchêne"})
    (correction,) = data_request.corrections.all()
    olive_at_her_desk.does(data_request, "decide_correction", row=correction.pk, accepted="yes")
    olive_at_her_desk.does(data_request, "accept")
    in_state(data_request, State.ANSWERED)
    account.refresh_from_db()
    assert account.family_name == "Duchêne"


def test_objection(alice):
    data_request = alice.asks(Kind.OBJECTION)
    in_state(data_request, State.ANSWERED)
    assert not NewsletterSubscription.objects.filter(account__email=alice.address, status="active").exists()
    assert Suppression.objects.count() >= 1


def test_erasure(alice, olive_at_her_desk, simone_at_her_desk):
    account = Account.objects.get(email=alice.address)
    data_request = alice.asks(Kind.ERASURE)
    olive_at_her_desk.does(data_request, "accept")
    plan = until(lambda: execution.current_plan(data_request))
    assert plan.fingerprint in simone_at_her_desk.sees(data_request)
    simone_at_her_desk.does(data_request, "approve", fingerprint=plan.fingerprint)
    task = until(lambda: data_request.recipients.filter(recipient="portage").first())
    assert "La réponse attend que soient prévenus" in olive_at_her_desk.sees(data_request)
    olive_at_her_desk.does(data_request, "told", row=task.pk, on=timezone.localdate().isoformat(), how="Extranet")
    assert alice.address in alice.postbox.body(BANK, saying=data_request.reference)
    in_state(data_request, State.ANSWERED)
    letter = alice.postbox.body(alice.address, saying="Vos données ont été effacées")
    assert "CNIL" in letter
    assert "L123-22" in letter
    assert "Banque Exemple SA" in letter
    assert Invoice.objects.filter(account=account.pk).exists()
    assert not Account.objects.filter(email=alice.address).exists()
    assert not Comment.objects.filter(account=account.pk).exclude(content__startswith="commentaire supprimé").exists()
    assert list(verify()) == []
