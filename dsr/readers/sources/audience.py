"""Which articles a signed-in reader opened."""

from django.utils.translation import gettext_lazy as _

from dsr.readers.models import ArticleRead
from dsr.sources.fields import by, not_personal, personal
from dsr.sources.model_source import ModelSource

from .activities import AUDIENCE


class ArticlesRead(ModelSource):
    """It grows at each article, so a plan does not become stale for one more."""

    name = "articles_read"
    label = _("Articles lus")
    description = _("Les articles que vous avez ouverts en étant connecté, et combien de temps.")
    activity = AUDIENCE
    model = ArticleRead
    volatile = True
    identified_by = (by("account", "account"),)
    summary = _("Le %(read_at)s : %(article_title)s")
    dated_by = "read_at"
    fields = {
        "id": not_personal(because=_("Un numéro interne, qui ne dit rien de vous.")),
        "account": personal(_("Numéro de compte")),
        "article_url": personal(_("Adresse de l’article")),
        "article_title": personal(_("Titre de l’article")),
        "read_at": personal(_("Lu le")),
        "seconds": personal(_("Durée en secondes")),
    }
