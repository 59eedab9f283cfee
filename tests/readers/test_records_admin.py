"""The newsroom's pages about readers: they open, find by whole identifiers alone, and evidence is not for changing."""

import pytest
from django.apps import apps
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from dsr.models.staff import Staff
from dsr.readers.demo import believable_newspaper
from dsr.readers.models import Account, Ban, Comment, Invoice, Report, SupportMessage

pytestmark = pytest.mark.django_db
TABLES = list(apps.get_app_config("readers").get_models())
NAMES = [table._meta.model_name for table in TABLES]


@pytest.fixture
def newspaper(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    believable_newspaper(readers=13, comments=50, seed=1)


@pytest.fixture
def desk(client, settings):
    """Somebody who may see everything; the second factor has tests of its own."""
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "SecondFactor" not in name]
    client.force_login(Staff.objects.create_superuser("olive", password="olive-has-a-long-password"))
    return client


def found(desk, table, term: str) -> set[int]:
    """The numbers of the rows that a search shows."""
    page = desk.get(reverse(f"admin:readers_{table._meta.model_name}_changelist"), {"q": term})
    assert page.status_code == 200
    return {row.pk for row in page.context["cl"].result_list}


@pytest.mark.parametrize("name", NAMES)
def test_every_table_has_its_list_and_its_page(desk, newspaper, name):
    assert desk.get(reverse(f"admin:readers_{name}_changelist")).status_code == 200
    assert desk.get(reverse(f"admin:readers_{name}_change", args=[1])).status_code == 200


@pytest.mark.parametrize("name", ["subscription", "moderationnote", "ban"])
def test_what_staff_decide_staff_may_add(desk, name):
    assert desk.get(reverse(f"admin:readers_{name}_add")).status_code == 200


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"subscription", "moderationnote", "ban"}))
def test_what_readers_write_staff_do_not_add(desk, name):
    assert desk.get(reverse(f"admin:readers_{name}_add")).status_code == 403


@pytest.mark.parametrize("name", ["invoice", "consent", "articleread"])
def test_evidence_is_neither_changed_nor_removed(desk, newspaper, name):
    assert desk.post(reverse(f"admin:readers_{name}_change", args=[1]), {}).status_code == 403
    assert desk.post(reverse(f"admin:readers_{name}_delete", args=[1]), {"post": "yes"}).status_code == 403


def test_an_address_is_found_whatever_its_case(desk, newspaper):
    comment = Comment.objects.filter(account=None).exclude(author_email="").earliest("pk")
    assert comment.pk in found(desk, Comment, comment.author_email.swapcase())


def test_a_fragment_of_an_address_finds_nobody(desk, newspaper):
    assert found(desk, Account, "example.org") == set()


def test_the_account_leads_to_what_it_owns(desk, newspaper):
    account = Account.objects.get(pk=1)
    for identifier in (account.email, account.subscriber_number, account.phone):
        assert found(desk, Invoice, identifier) == set(account.invoices.values_list("pk", flat=True))
    assert found(desk, Report, account.email) >= set(account.reports.values_list("pk", flat=True))


def test_an_ip_finds_comments_and_bans(desk, newspaper):
    comment = Comment.objects.exclude(author_ip=None).earliest("pk")
    assert comment.pk in found(desk, Comment, comment.author_ip)
    assert found(desk, Ban, "198.51.100.400") == set()


@pytest.mark.parametrize("term", ["0", "9" * 30, "'; --", "\x00", "2001:db8::1%eth0", "é" * 300])
def test_a_strange_search_finds_nobody(desk, newspaper, term):
    expected = Account.objects.values_list("pk", flat=True) if term == "\x00" else []
    assert found(desk, Account, term) == set(expected)


def test_the_password_is_not_shown(desk, newspaper):
    Account.objects.filter(pk=1).update(password="argon2$secret")
    assert b"argon2" not in desk.get(reverse("admin:readers_account_change", args=[1])).content


def test_the_log_of_the_desk_names_nobody(desk, newspaper):
    comment = Comment.objects.get(pk=1)
    fields = ("author_name", "author_email", "author_url", "content", "article_url", "article_title")
    form = {name: getattr(comment, name) for name in fields}
    desk.post(reverse("admin:readers_comment_change", args=[1]), form | {"status": "held", "content": "Retiré"})
    entry = LogEntry.objects.get()
    assert entry.object_repr == "Comment 1"
    assert comment.author_email not in entry.change_message


def test_an_attachment_is_a_download(desk, newspaper):
    message = SupportMessage.objects.exclude(attachment="").earliest("pk")
    answer = desk.get(reverse("admin:readers_supportmessage_attachment", args=[message.pk]))
    with message.attachment.open() as stored:
        assert b"".join(answer.streaming_content) == stored.read()
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"


def test_a_message_without_a_file_has_nothing_to_download(desk, newspaper):
    SupportMessage.objects.filter(pk=1).update(attachment="")
    assert desk.get(reverse("admin:readers_supportmessage_attachment", args=[1])).status_code == 404


def test_an_attachment_needs_the_permission_to_see_it(desk, newspaper):
    mallory = Staff.objects.create_user("mallory", password="mallory-has-a-long-password", is_staff=True)
    desk.force_login(mallory)
    assert desk.get(reverse("admin:readers_supportmessage_attachment", args=[1])).status_code == 403
