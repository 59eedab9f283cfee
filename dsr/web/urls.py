"""The reader's addresses."""

from django.urls import path, register_converter
from django.views.i18n import set_language

from dsr.models.staff import ALPHABET
from dsr.packages import manifest
from dsr.web.views import addresses, certificates, downloads, intake, privacy, rights, schemas, tracking


class Reference:
    """A reference such as ``DSR-7K4M-2QXP``, in capitals or not; the form of one says nothing of its existence."""

    regex = f"(?i:dsr-[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}})"

    def to_python(self, value: str) -> str:
        """In capitals, as it is stored."""
        return value.upper()

    def to_url(self, value: str) -> str:
        """As it is."""
        return value


register_converter(Reference, "reference")

app_name = "web"
urlpatterns = [
    path("", rights.show, name="rights"),
    path("demande/", intake.show, name="intake"),
    path("demande/<reference:reference>/", tracking.show, name="tracking"),
    path("telechargement/<reference:reference>/", downloads.show, name="copy"),
    path("telechargement/<reference:reference>/copie.zip", downloads.archive, name="copy-archive"),
    path("telechargement/<reference:reference>/lire/<path:path>", downloads.member, name="copy-member"),
    path("demande/<reference:reference>/nouvelle-adresse/", addresses.new, name="new-address"),
    path("demande/<reference:reference>/pas-moi/", addresses.old, name="old-address"),
    path("demande/<reference:reference>/certificat.<slug:form>", certificates.show, name="certificate"),
    path("confidentialite/", privacy.show, name="privacy"),
    path(manifest.SCHEMA_PATH, schemas.show, name="manifest-schema"),
    path("langue/", set_language, name="language"),
]
