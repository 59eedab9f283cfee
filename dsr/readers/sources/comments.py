"""What a reader wrote under the articles, signed by an account or by a bare address."""

from django.utils.translation import gettext_lazy as _

from dsr.readers.models import Comment
from dsr.sources.fields import by, kept, not_personal, personal
from dsr.sources.model_source import ModelSource

from .activities import COMMUNITY

PLACE = _("La place d’un commentaire dans une discussion publique, qui ne désigne plus personne une fois vidé.")
AUTHOR = kept("HEB-ID", since="created_at")
IMPORTED = _("Un numéro de l’ancien site, qui empêche un nouvel import de faire revenir un commentaire effacé.")


class Comments(ModelSource):
    """A comment filed under an account is that account's, whatever address it bears; answered ones stay, emptied."""

    name = "comments"
    label = _("Commentaires")
    description = _("Vos commentaires sous les articles, publiés, en attente, écartés ou supprimés.")
    activity = COMMUNITY
    model = Comment
    identified_by = (by("account", "account"), by("email", "author_email", unless="account"))
    stays_for = ("replies", "reports", "moderation_notes")
    summary = _("Le %(created_at)s, sous « %(article_title)s » : %(content)s")
    dated_by = "created_at"
    fields = {
        "id": not_personal(_("Numéro"), because=PLACE),
        "account": personal(_("Numéro de compte"), erased_to=None, kept=AUTHOR),
        "author_name": personal(_("Signature"), concept="pen_name", erased_to=""),
        "author_email": personal(_("Adresse électronique"), concept="email", erased_to="", kept=AUTHOR),
        "author_url": personal(_("Site de l’auteur"), erased_to=""),
        "author_ip": personal(_("Adresse IP"), erased_to=None, kept=kept("HEB-IP", since="created_at")),
        "user_agent": personal(_("Navigateur"), erased_to=""),
        "content": personal(_("Texte"), erased_to=_("commentaire supprimé à la demande de son auteur")),
        "status": not_personal(_("État"), because=PLACE),
        "parent": not_personal(_("En réponse au commentaire"), because=PLACE),
        "article_url": not_personal(_("Adresse de l’article"), because=PLACE),
        "article_title": not_personal(_("Titre de l’article"), because=PLACE),
        "created_at": not_personal(_("Écrit le"), because=PLACE),
        "imported_from": not_personal(_("Importé de"), because=IMPORTED),
        "wordpress_id": not_personal(_("Numéro WordPress"), because=IMPORTED),
        "wordpress_parent": not_personal(_("En réponse au numéro WordPress"), because=IMPORTED),
    }
