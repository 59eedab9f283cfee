"""The repository checks itself: tables complete, documentation true, rules of the house kept."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

from dsr import notifications
from dsr.audit.events import EVENTS as AUDIT_EVENTS
from dsr.management.commands.draw_states import drawn
from dsr.states import EVENTS, LEGAL_BASIS, OWNERS, TRANSITIONS, Kind, State
from tests.repository import ROOT, code, modules, name, tracked, tree, words

LETTERS = ROOT / "templates" / "dsr" / "letters"
MAX_FILE, MAX_FUNCTION = 400, 50
EVENT_CODE = re.compile(r"[a-z]+\.[a-z_]+\Z")
VAGUE = {"utils", "helpers", "common", "manager", "handler", "handlers", "service", "services"}

# Names that the framework looks up by itself, and templates of others that ours replace.
LOOKED_UP = {"400.html", "403.html", "404.html", "429.html", "500.html"}
REPLACED = ("admin/index.html", "account/", "allauth/", "mfa/")


# The life of a request


def test_every_state_has_an_owner_and_its_moves() -> None:
    assert set(OWNERS) == set(TRANSITIONS) == set(State)


def test_every_kind_names_its_legal_basis() -> None:
    assert set(LEGAL_BASIS) == set(Kind)


def test_every_move_has_an_event_of_the_log() -> None:
    assert set(EVENTS.values()) <= set(AUDIT_EVENTS)


def test_a_closed_request_moves_nowhere() -> None:
    assert {state for state in State if not TRANSITIONS[state]} == {
        state for state, owner in OWNERS.items() if owner == "nobody"
    }


# The log


def test_every_event_recorded_is_listed() -> None:
    assert {event for event in _recorded() if EVENT_CODE.match(event)} <= set(AUDIT_EVENTS)


def test_every_event_listed_is_recorded() -> None:
    assert set(AUDIT_EVENTS) <= words(besides="dsr/audit/events.py")


def test_every_event_has_its_sentence() -> None:
    assert [event for event, says in AUDIT_EVENTS.items() if not str(says.sentence).strip()] == []


def test_every_fact_an_event_may_carry_is_given_to_one() -> None:
    facts = {fact for says in AUDIT_EVENTS.values() for fact in says.facts}
    assert facts <= words(besides="dsr/audit/events.py")


def _recorded() -> set[str]:
    """The events named where an entry is recorded or a request is changed."""
    found: set[str] = set()
    for _path, node in code():
        if isinstance(node, ast.Call):
            named = [keyword.value for keyword in node.keywords if keyword.arg == "event"]
            first = node.args[:1] if isinstance(node.func, ast.Attribute) and node.func.attr == "record" else []
            found |= {each.value for each in (*named, *first) if isinstance(each, ast.Constant)}
    return found


# Letters and templates


def test_every_letter_has_its_three_files() -> None:
    letters = {path.name.split(".")[0] for path in LETTERS.iterdir() if path.is_file()} - {"base"}
    wanted = {f"{letter}.{part}" for letter in letters for part in ("subject.txt", "txt", "html")}
    assert wanted | {"base.txt", "base.html"} == {path.name for path in LETTERS.iterdir() if path.is_file()}


def test_every_letter_has_its_function() -> None:
    letters = {path.name.removesuffix(".subject.txt") for path in LETTERS.glob("*.subject.txt")}
    assert {letter for letter in letters if not callable(getattr(notifications, letter, None))} == set()
    assert letters <= words("dsr/notifications")


def test_every_template_is_used() -> None:
    templates = {path.relative_to(ROOT / "templates").as_posix() for path in tracked("templates")}
    letters = {f"dsr/letters/{path.name}" for path in LETTERS.iterdir() if path.name.split(".")[0] != "base"}
    ours = {each for each in templates - letters - LOOKED_UP if not each.startswith(REPLACED)}
    text = "\n".join([*words(), *(path.read_text() for path in tracked("templates"))])
    assert {each for each in ours if each not in text} == set()


def test_every_replaced_template_replaces_one() -> None:
    from django.template.loader import get_template  # noqa: PLC0415 - settings are ready only now
    from django.template.utils import get_app_template_dirs  # noqa: PLC0415

    ours = [path.relative_to(ROOT / "templates").as_posix() for path in tracked("templates")]
    theirs = [folder for folder in get_app_template_dirs("templates") if ROOT / "dsr" not in folder.parents]
    replacing = [each for each in ours if each.startswith(REPLACED)]
    assert [each for each in replacing if not any((folder / each).exists() for folder in theirs)] == []
    assert all(get_template(each) for each in replacing)


# Documentation


def test_the_drawn_diagram_is_that_of_the_table() -> None:
    assert (ROOT / "docs" / "states.md").read_text() == drawn()


def test_without_celery_two_commands_do_what_the_clock_does() -> None:
    commands = ROOT / "dsr" / "management" / "commands"
    by_hand = _verbs(commands / "sweep.py") | _verbs(commands / "forget.py")
    clock = _verbs(ROOT / "dsr" / "tasks.py")
    asked_for = {"running.run", "notifications.deliver", "execution.settle", "hints.for_request", "rounds.all_of"}
    assert clock - by_hand - asked_for == {"keeping.verify"}  # which verify_audit does, and does not record


def test_every_setting_of_the_environment_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text()
    read = re.findall(r"env\.\w+\(\s*\"(\w+)\"", (ROOT / "site_config" / "settings.py").read_text())
    assert len(read) > 20
    assert [setting for setting in sorted(set(read)) if f"`{setting}`" not in readme] == []


def test_the_readme_lists_no_setting_that_is_gone() -> None:
    table = re.findall(r"^\| `(\w+)` \|", (ROOT / "README.md").read_text(), re.MULTILINE)
    source = (ROOT / "site_config" / "settings.py").read_text()
    assert [setting for setting in table if f'"{setting}"' not in source] == []


def test_the_map_in_the_readme_shows_every_package() -> None:
    readme = (ROOT / "README.md").read_text()
    folders = {path.parent.name for path in modules() if path.parent.parent == ROOT / "dsr"}
    files = {path.name for path in modules() if path.parent == ROOT / "dsr"} - {"__init__.py"}
    assert {each for each in folders if f"{each}/" not in readme} == set()
    assert {each for each in files if each not in readme} == set()


def test_the_map_of_the_lifecycle_shows_every_room() -> None:
    house = ROOT / "dsr" / "lifecycle"
    names = re.findall(r"^ {4}(\w+(?:, \w+)*) {2,}", ast.get_docstring(tree(house / "__init__.py")) or "", re.MULTILINE)
    mapped = {name for line in names for name in line.split(", ")} | {"transition"}
    assert mapped == {path.stem for path in modules() if path.parent == house} - {"__init__"}


def test_every_decision_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in tracked("docs/adr/*.md")]
    assert sorted(numbers) == sorted(set(numbers))


def test_links_between_pages_lead_somewhere() -> None:
    lost = [
        f"{name(page)}: {target}"
        for page in tracked("*.md")
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#\s]+)", page.read_text())
        if not (page.parent / target).exists()
    ]
    assert lost == []


# Dependencies


def _dependencies() -> dict[str, list[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    return {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }


def _pins(lock: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==([^\s;\\]+)", (ROOT / lock).read_text(), re.MULTILINE))


def test_every_dependency_says_what_it_is_for() -> None:
    text = (ROOT / "pyproject.toml").read_text()
    silent = [
        each
        for listed in _dependencies().values()
        for each in listed
        if not re.search(rf'"{re.escape(each)}",\s+# \S', text)
    ]
    assert silent == []


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_every_dependency_is_locked(lock: str) -> None:
    wanted = {re.split(r"[\[<>=~! ]", each)[0].lower().replace("_", "-") for each in _dependencies()[lock]}
    assert wanted - set(_pins(lock)) == set()


def test_the_development_lock_holds_the_runtime_one() -> None:
    assert _pins("requirements.txt").items() <= _pins("requirements-dev.txt").items()


# The rules of the house


def test_every_module_says_what_it_owns() -> None:
    empty = [path for path in modules() if not path.read_text().strip()]
    silent = [path for path in modules() if path not in empty and not ast.get_docstring(tree(path))]
    assert [name(path) for path in silent] == []
    assert [name(path) for path in empty if path.name != "__init__.py"] == []


def test_no_file_is_too_long() -> None:
    assert [name(path) for path in modules() if len(path.read_text().splitlines()) > MAX_FILE] == []


def test_no_function_is_too_long() -> None:
    functions = [
        (path, node)
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    long = [f"{name(path)}: {node.name}" for path, node in functions if _lines(node) > MAX_FUNCTION]
    assert long == []


def _lines(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_no_module_has_a_vague_name() -> None:
    assert [name(path) for path in modules() if VAGUE & {path.stem, *path.relative_to(ROOT).parts}] == []


# Put together here, so that this very file names none of them.
FOREIGN = re.compile(
    "|".join(
        re.escape(start + end)
        for start, end in [
            ("pypi", ".org"),
            ("python", "hosted.org"),
            ("npm", "js.org"),
            ("npm", "js.com"),
            ("deb.deb", "ian.org"),
            ("proxy.gol", "ang.org"),
            ("/wo", "rk/"),
            ("/ro", "ot/"),
            ("/tm", "p/"),
        ]
    )
)


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    naming = []
    for path in tracked():
        try:
            found = FOREIGN.search(path.read_text())
        except UnicodeDecodeError:
            continue
        if found:
            naming.append(f"{name(path)}: {found.group()}")
    assert naming == []


def _verbs(path: Path) -> set[str]:
    """The functions of other modules of ours that a module calls, or has called."""
    syntax = tree(path)
    ours = {
        each.asname or each.name
        for node in ast.walk(syntax)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "dsr"
        for each in node.names
    }
    calls = [node for node in ast.walk(syntax) if isinstance(node, ast.Call)]
    called = (each for call in calls for each in (call.func, *call.args))
    return {
        f"{each.value.id}.{each.attr}"
        for each in called
        if isinstance(each, ast.Attribute) and isinstance(each.value, ast.Name) and each.value.id in ours
    }
