"""The settings of the test suite: the real ones, with throw-away secrets and a data folder of its own."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "tests-only")
os.environ.setdefault("DSR_SERVICE_KEY", "00" * 32)
os.environ.setdefault("DSR_SUPPRESSION_KEY", "11" * 32)
os.environ.setdefault("DSR_LOG_KEY", "22" * 32)
os.environ.setdefault("DSR_DATA_DIR", tempfile.mkdtemp(prefix="dsr-tests-"))
os.environ.setdefault("SECURE_SSL_REDIRECT", "false")
os.environ.setdefault("SECURE_COOKIES", "false")
os.environ.setdefault("DSR_HOSTING_GROUNDS", "keep")

from site_config.settings import *  # noqa: F403
from site_config.settings import DATABASES, DSR_DATA_DIR, DSR_WEB_RATES, STATIC_ROOT, STORAGES

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns of a folder that is not there
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DSR_WEB_RATES.clear()  # no test but those of the limits is rationed

if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Threads and worker processes share a file; a database in memory would lock whole tables between them.
    DATABASES["default"]["TEST"] = {"NAME": DSR_DATA_DIR / "tests.sqlite3"}
