"""In CI nothing is left out unseen."""

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
    (tmp_path / "test_it.py").write_text(text)
    plugin = ["-p", "tests.no_skip"] if strict else []
    quiet = ["-p", "no:cacheprovider", "-p", "no:django", "-p", "no:randomly", "-o", "addopts="]
    command = [sys.executable, "-m", "pytest", *plugin, *quiet, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ("nothing may be skipped here" in done.stdout) == strict
    assert (done.returncode in {0, 5}) != strict, done.stdout


def test_an_expected_failure_stays_one(tmp_path: Path) -> None:
    (tmp_path / "test_it.py").write_text("import pytest\n\n@pytest.mark.xfail\ndef test_one(): assert False\n")
    command = [sys.executable, "-m", "pytest", "-p", "tests.no_skip", "-p", "no:cacheprovider", "-p", "no:django"]
    done = subprocess.run([*command, "-o", "addopts=", str(tmp_path)], cwd=ROOT, check=False, capture_output=True)
    assert done.returncode == 0
