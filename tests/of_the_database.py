"""A plugin for the second database: what asks no database anything has run beside the first, and runs once."""

import pytest

ASKING = frozenset({"db", "transactional_db"})


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what stands on a database, and what names this one."""
    without = [item for item in items if not _asks(item)]
    config.hook.pytest_deselected(items=without)
    items[:] = [item for item in items if _asks(item)]


def _asks(item: pytest.Item) -> bool:
    fixtures = ASKING & set(getattr(item, "fixturenames", ()))
    return bool(fixtures or item.get_closest_marker("django_db") or item.get_closest_marker("postgresql"))
