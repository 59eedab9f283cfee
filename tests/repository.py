"""The repository as its own tests read it: its files, its modules, the words in its code."""

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@cache
def tracked(*patterns: str) -> list[Path]:
    """The files of the repository, also those not committed yet; none that git ignores."""
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns]
    names = subprocess.run(listing, cwd=ROOT, capture_output=True, text=True, check=True).stdout.splitlines()
    return [ROOT / name for name in names if (ROOT / name).is_file()]


def modules() -> list[Path]:
    """Every Python file that people write."""
    return [path for path in tracked("*.py") if "migrations" not in path.parts]


def name(path: Path) -> str:
    """A file as it is called in the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    """A module as its syntax."""
    return ast.parse(path.read_text())


def code(folder: str = "dsr") -> Iterator[tuple[Path, ast.AST]]:
    """Every syntax node of a package, with its file."""
    for path in modules():
        if path.is_relative_to(ROOT / folder):
            yield from ((path, node) for node in ast.walk(tree(path)))


def words(folder: str = "dsr", *, besides: str = "") -> set[str]:
    """Every string constant of a package."""
    return {
        node.value
        for path, node in code(folder)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and name(path) != besides
    }
