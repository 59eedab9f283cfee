"""French typography in the words of letters, wherever they are written."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings

BASE = Path(settings.BASE_DIR)
TEMPLATES = sorted(path for path in (BASE / "templates/dsr/letters").rglob("*.*") if path.suffix in {".txt", ".html"})
MODULES = sorted((BASE / "dsr/notifications").glob("*.py"))
TRANSLATE = re.compile(r'{% translate "(.*?)" %}')
BLOCKTRANSLATE = re.compile(r"(?s){% blocktranslate[^%]*%}(.*?){% endblocktranslate %}")

FAULTS = {
    "a straight apostrophe": r"'",
    "a straight quotation mark": r'"',
    "a space that may break before ; : ! ? or »": r"[ \n][;:!?»]",
    "a space that may break after «": r"«[ \n]",
    "no space before ; ! ? or »": r"\w[;!?»]",
    "three dots": r"\.\.\.",
}


def sentences(path: Path) -> Iterator[str]:
    """The words of a template or a module that a reader sees."""
    source = path.read_text()
    if path.suffix != ".py":
        yield from TRANSLATE.findall(source)
        yield from BLOCKTRANSLATE.findall(source)
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"_", "gettext"}:
            yield ast.literal_eval(node.args[0])


@pytest.mark.parametrize("path", [*TEMPLATES, *MODULES], ids=lambda path: path.name)
def test_letters_are_typeset(path):
    for sentence in sentences(path):
        plain = re.sub(r"{{.*?}}|{%.*?%}|%\(\w+\)s", "x", sentence)
        assert not [fault for fault, pattern in FAULTS.items() if re.search(pattern, plain)], sentence


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_word_of_a_template_escapes_translation(path):
    source = re.sub(r"(?s)<style>.*?</style>|{% extends .*?%}", "", path.read_text())
    bare = re.sub(r"(?s)<[^>]*>|{{.*?}}|{%.*?%}", " ", BLOCKTRANSLATE.sub(" ", TRANSLATE.sub(" ", source)))
    assert not re.findall(r"\w+", bare)
