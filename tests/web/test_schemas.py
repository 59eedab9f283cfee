"""The schema that a manifest names is at the address it names, for anybody and for a day."""

import json
from urllib.parse import urlsplit

import pytest

from tests.packages.library import manifest_of, packed

pytestmark = pytest.mark.django_db  # the end of each answer looks at the connections


@pytest.fixture
def address():
    return urlsplit(manifest_of(packed())["$schema"]).path


def test_the_schema_is_where_the_manifest_says(client, address):
    assert address == "/schemas/manifest-1.json"
    answer = client.get(address)
    assert answer["Content-Type"] == "application/schema+json"
    assert json.loads(b"".join(answer))["properties"]["version"] == {"const": 1}


def test_it_is_kept_by_caches_and_open_to_other_sites(client, address):
    answer = client.get(address)
    assert answer["Cache-Control"] == "public, max-age=86400"
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert "Cookie" not in answer.get("Vary", "")
    answer.close()


def test_nothing_can_be_written_there(client, address):
    assert client.post(address).status_code == 405
