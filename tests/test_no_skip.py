"""In CI nothing is left out unseen."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.repository import ROOT

SKIPPING = {
    "a test": "import pytest\n\n@pytest.mark.skip\ndef test_one(): ...\n",
    "a test, once it runs": "import pytest\n\ndef test_one(): pytest.skip('not today')\n",
    "a file": "import pytest\n\npytest.skip('not today', allow_module_level=True)\n",
}


@pytest.mark.parametrize("text", SKIPPING.values(), ids=SKIPPING)
@pytest.mark.parametrize("strict", [True, False])
def test_what_skips_has_failed_when_nothing_may(tmp_path: Path, text: str, strict: bool) -> None:
    done = _pytest(tmp_path, text, strict=strict)
    assert ("nothing may be skipped here" in done.stdout) == strict
    assert (done.returncode in {0, 5}) != strict, done.stdout


def test_an_expected_failure_stays_one(tmp_path: Path) -> None:
    failing = "import pytest\n\n@pytest.mark.xfail\ndef test_one(): assert False\n"
    assert _pytest(tmp_path, failing, strict=True).returncode == 0


def _pytest(folder: Path, text: str, *, strict: bool) -> "subprocess.CompletedProcess[str]":
    """Run one file of tests by itself, with no plugin but ours."""
    (folder / "test_it.py").write_text(text)
    plugin = ["-p", "tests.no_skip"] if strict else []
    command = [sys.executable, "-m", "pytest", *plugin, "-p", "no:cacheprovider", "-o", "addopts=", str(folder)]
    alone = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "-W ignore"}
    return subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
