"""The settings of the test suite: the real ones, with throw-away secrets and a data folder of its own."""

import os
import tempfile

os.environ.setdefault("SECRET_KEY", "tests-only")
os.environ.setdefault("DSR_SERVICE_KEY", "00" * 32)
os.environ.setdefault("DSR_SUPPRESSION_KEY", "11" * 32)
os.environ.setdefault("DSR_DATA_DIR", tempfile.mkdtemp(prefix="dsr-tests-"))
os.environ.setdefault("SECURE_SSL_REDIRECT", "false")
os.environ.setdefault("SECURE_COOKIES", "false")
os.environ.setdefault("DSR_HOSTING_GROUNDS", "keep")

from site_config.settings import *  # noqa: E402, F403
from site_config.settings import STORAGES  # noqa: E402

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
