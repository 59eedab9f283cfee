"""The ASGI entry point."""

import os

from django.core.asgi import get_asgi_application

from dsr.checks.configuration import refuse_to_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "site_config.settings")

application = get_asgi_application()
refuse_to_start()
