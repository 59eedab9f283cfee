"""``/demande/<reference>/certificat.pdf`` and ``.json``: the certificate of an erasure, for its proven reader."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.cache import never_cache

from dsr.models.verification import Certificate
from dsr.packages import certificate
from dsr.web import proof
from dsr.web.views.errors import answers

TYPES = {"pdf": "application/pdf", "json": "application/json"}


@never_cache
@answers("GET")
def show(request: HttpRequest, /, reference: str, form: str) -> HttpResponseBase:
    """The document; whoever has proven nothing is sent to prove it, whether the reference exists or not."""
    if not proof.holds(request.session, reference, at=timezone.now()):
        return redirect("web:tracking", reference=reference)
    found = Certificate.objects.select_related("data_request").filter(data_request__reference=reference).first()
    if found is None or form not in TYPES:
        raise Http404
    note, language = found.note, found.data_request.language
    document = certificate.as_pdf(note, language=language) if form == "pdf" else certificate.as_json(note)
    headers = {"Content-Disposition": f'attachment; filename="certificat-{reference}.{form}"'}
    return HttpResponse(document, content_type=TYPES[form], headers=headers)
