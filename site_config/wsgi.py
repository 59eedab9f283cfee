"""The WSGI entry point."""

import os

from django.core.wsgi import get_wsgi_application

from dsr.checks.configuration import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")

application = get_wsgi_application()
refuse_to_start()
