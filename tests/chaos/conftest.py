"""A newspaper with readers, in a database that other processes can reach."""

import pytest

from dsr.readers.demo import believable_newspaper
from tests.groups import give_groups_back

READERS = 30


@pytest.fixture
def newspaper(transactional_db):
    """Readers, and the groups that a flushed database has lost."""
    give_groups_back()
    believable_newspaper(readers=READERS, comments=300, seed=7)
