"""The API's description for machines, and its page for people, which loads nothing from elsewhere."""

from csp.decorators import csp_update
from django.utils.decorators import method_decorator
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularAPIView):
    """OpenAPI, in the caller's language."""

    authentication_classes = ()


@method_decorator(csp_update({"style-src": ["'self'", "'unsafe-inline'"]}), "dispatch")
class Docs(SpectacularSwaggerSplitView):
    """The description, browsable; its script comes by itself so that no inline script is needed."""

    authentication_classes = ()
    url_name = "api:schema"
