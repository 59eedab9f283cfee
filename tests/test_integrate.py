"""The page that takes a team to its own sources: each of its blocks is the file it says, and does what it says."""

import ast
import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.repository import ROOT

PAGE = (ROOT / "docs" / "integrate.md").read_text()
BLOCK = re.compile(r"^```(\w*) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = [(language, name, code) for language, name, code in BLOCK.findall(PAGE)]
FILES = {name: code for _language, name, code in BLOCKS if name}
RUFF = Path(sys.executable).with_name("ruff")

# What a team would type, in one process: check, draft, the example of the page, an erasure of the example's reader.
SCRIPT = """
import contextlib, io, json, sys
from datetime import date
import django
django.setup()
from django.core.management import call_command
from django.core import checks

def printed(act):
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        act()
    return out.getvalue()

said = [f"{each.id} {each.obj}" for each in checks.run_checks(databases=["site"])]
draft = printed(lambda: call_command("draft_source", sys.argv[2], database="site"))
from django.apps import apps
from django.db import connection
with connection.schema_editor() as editor:
    for model in apps.get_app_config("dsr").get_models():
        editor.create_model(model)
tried = printed(lambda: exec(open(sys.argv[1]).read(), {}))

from dsr.sources import registry
from dsr.sources.base import Identifier
reader = registry.expand(frozenset({Identifier("email", "alice@example.org")}))
for source in registry.sources():
    if not source.by_hand:
        list(source.collect(reader)), source.erase(reader, on=date(2026, 11, 23), limit=500, cursor={})
left = [source.plan(reader, on=date(2026, 11, 23)) for source in registry.sources()]
kept = [line.ground for each in left for line in each.kept]

from datetime import datetime, UTC
from dsr.keys import suppression_token
from dsr.models.erasure import Suppression
from lejournal.letters import may_be_solicited
token = suppression_token("alice@example.org")
Suppression.objects.create(token=token, recorded_at=datetime.now(UTC), until=date(2029, 1, 1))
days = [("Alice@Example.org", 2028), ("alice@example.org", 2030), ("bob@example.org", 2028)]
solicited = [may_be_solicited(address, on=date(year, 1, 1)) for address, year in days]
print(json.dumps({"said": said, "draft": draft, "tried": tried, "kept": kept, "solicited": solicited}))
"""

ROWS = """
INSERT INTO shop_customer VALUES
    (1, 'Alice@example.org', 'Alice Martin', 'hash', 1, '2024-01-01 10:00:00'),
    (2, 'bob@example.org', 'Bob', 'hash', 1, '2024-01-02 10:00:00'),
    (3, NULL, '', '', 0, '2023-01-02 10:00:00');
INSERT INTO shop_order VALUES
    (1, 1, '2026-03-01', 25, '1 rue du Port', 'Bon anniversaire !', 'P-3'),
    (2, 2, '2026-03-02', 30, '2 rue du Port', 'Bises', 'P-3'),
    (3, 1, '2010-03-01', 12, '3 rue du Port', 'Vieux mots', 'P-4');
"""


def write(folder: Path, *, files: Iterable[str]) -> None:
    """Some of the files of the page, and the tables of its shop with three customers."""
    package = folder / "lejournal"
    package.mkdir()
    (package / "__init__.py").touch()
    for name in files:
        (folder / name).write_text(FILES[name])
    with sqlite3.connect(folder / "site.sqlite3") as site:
        site.executescript(next(code for language, _name, code in BLOCKS if language == "sql") + ROWS)
    site.close()


def run(folder: Path, *command: str) -> str:
    """What a process of the team's own project prints."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "lejournal.settings",
        "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)]),
        "SITE_DATABASE_URL": f"sqlite:///{folder}/site.sqlite3",
        "DATABASE_URL": f"sqlite:///{folder}/own.sqlite3",
        "DSR_DATA_DIR": str(folder),
    }
    line = [sys.executable, *command]
    done = subprocess.run(line, env=environment, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def team(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """A team that followed the page to its end."""
    folder = tmp_path_factory.mktemp("team")
    write(folder, files=FILES)
    (folder / "try.py").write_text(next(code for _l, name, code in BLOCKS if not name and "registry.expand" in code))
    (folder / "script.py").write_text(SCRIPT)
    printed = run(folder, "script.py", "try.py", "shop_order")
    return {"folder": folder, **json.loads(printed.splitlines()[-1])}


def test_the_first_draft_needs_the_settings_alone(tmp_path: Path) -> None:
    write(tmp_path, files=["lejournal/settings.py"])
    module = run(tmp_path, str(ROOT / "manage.py"), "draft_source", "shop_customer", "--database", "site")
    assert "class ShopCustomer(models.Model):" in module
    assert "email = models.EmailField(unique=True, max_length=254, blank=True, null=True)" in module
    assert 'using = "site"\n    remote = True\n    identified_by = (by("email", "email"),)' in module


def test_following_the_page_leaves_nothing_to_mend(team: dict[str, Any]) -> None:
    assert team["said"] == []


def test_the_draft_knows_the_way_to_the_reader(team: dict[str, Any]) -> None:
    assert 'identified_by = (by("account", "customer"),)' in team["draft"]
    assert '"customer": personal(_("Customer")),' in team["draft"]


def test_the_example_finds_the_reader_and_nobody_else(team: dict[str, Any]) -> None:
    assert "shop_customers 1" in team["tried"]
    assert "shop_orders 2" in team["tried"]
    assert "1 rue du Port" in team["tried"]
    assert "un préparateur de commandes" in team["tried"]
    assert "Bises" not in team["tried"]


def test_an_erasure_does_what_the_page_says(team: dict[str, Any]) -> None:
    with sqlite3.connect(team["folder"] / "site.sqlite3") as site:
        customers = site.execute("SELECT id, email, full_name, password FROM shop_customer ORDER BY id").fetchall()
        orders = site.execute("SELECT id, delivery_address, gift_note FROM shop_order ORDER BY id").fetchall()
    site.close()
    assert customers == [(1, None, "", ""), (2, "bob@example.org", "Bob", "hash"), (3, None, "", "")]
    assert orders == [(1, "1 rue du Port", ""), (2, "2 rue du Port", "Bises")]
    assert team["kept"] == ["COMPTA"]


def test_whoever_objected_is_not_solicited(team: dict[str, Any]) -> None:
    assert team["solicited"] == [False, True, True]


@pytest.mark.parametrize("name", sorted(FILES))
def test_a_file_of_the_page_is_valid_and_clean(team: dict[str, Any], name: str) -> None:
    ours = f"src=['{ROOT}', '{team['folder']}']"
    for arguments in (["check", "--quiet"], ["format", "--check", "--quiet"]):
        command = [RUFF, *arguments, "--no-cache", "--config", ours, "--stdin-filename", name, "-"]
        done = subprocess.run(command, input=FILES[name], capture_output=True, text=True, cwd=ROOT, check=False)
        assert (done.returncode, done.stdout) == (0, "")


def test_every_block_of_python_is_valid() -> None:
    for language, _name, code in BLOCKS:
        if language == "python":
            ast.parse(code)


def test_the_commands_of_the_page_exist() -> None:
    from django.core.management import get_commands  # noqa: PLC0415 - settings are ready only now

    named = set(re.findall(r"manage\.py (\w+)", PAGE))
    assert {"draft_source", "check", "migrate", "createsuperuser"} <= named <= set(get_commands())


def test_the_settings_of_the_page_exist() -> None:
    settings = (ROOT / "site_config" / "settings.py").read_text()
    ours = {name for name in re.findall(r"\b(DSR_[A-Z_]+)\b", PAGE) if name not in settings}
    assert ours == set()


def test_the_footer_names_the_articles_in_force() -> None:
    footer = re.sub(r"\n> ?", " ", PAGE.rpartition("## 7.")[2])
    for words in ("2016/679", "articles 49 à 51, 53, 55 et 56", "CNIL", "délégué à la protection"):
        assert words in footer
