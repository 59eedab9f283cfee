"""What moderators wrote and decided about a reader, and what readers reported to them."""

from django.utils.translation import gettext_lazy as _

from dsr.readers.models import Ban, ModerationNote, Report
from dsr.sources.fields import AS_IT_IS, by, not_personal, personal, third_person
from dsr.sources.model_source import ModelSource

from .activities import COMMUNITY

INTERNAL = _("Un numéro interne, qui ne dit rien de vous.")
MODERATOR = _("un modérateur")
ANOTHER_READER = _("un autre lecteur")


class ModerationNotes(ModelSource):
    """A note is about an account, or about whoever wrote the comment."""

    name = "moderation_notes"
    label = _("Notes de modération")
    description = _("Ce que nos modérateurs ont noté à propos de vous ou de vos commentaires.")
    activity = COMMUNITY
    model = ModerationNote
    identified_by = (
        by("account", "account"),
        by("account", "comment__account", unless="account"),
        by("email", "comment__author_email", unless=("account", "comment__account")),
    )
    summary = _("Note du %(created_at)s")
    dated_by = "created_at"
    fields = {
        "id": not_personal(because=INTERNAL),
        "account": personal(_("Numéro de compte")),
        "comment": personal(_("Numéro du commentaire")),
        "moderator": third_person(_("Modérateur"), role=MODERATOR),
        "text": personal(_("Note")),
        "created_at": personal(_("Écrite le")),
    }


class Reports(ModelSource):
    """A report is the reporter's; the author of the comment has a copy of it that does not say who reported."""

    name = "reports"
    label = _("Signalements")
    description = _("Les commentaires que vous avez signalés, et les signalements reçus sur les vôtres.")
    activity = COMMUNITY
    model = Report
    identified_by = (by("account", "reporter_account"), by("email", "reporter_email", unless="reporter_account"))
    mentioned_by = (
        by("account", "comment__account"),
        by("email", "comment__author_email", unless="comment__account"),
    )
    summary = _("Signalement du %(created_at)s, pour %(reason)s")
    dated_by = "created_at"
    fields = {
        "id": not_personal(because=INTERNAL),
        "reporter_account": personal(_("Compte de qui signale"), others_see=ANOTHER_READER),
        "reporter_email": personal(
            _("Adresse électronique de qui signale"), concept="email", others_see=ANOTHER_READER
        ),
        "reporter_ip": personal(_("Adresse IP de qui signale"), others_see=ANOTHER_READER),
        "comment": not_personal(_("Numéro du commentaire signalé"), because=_("Le numéro d’un commentaire public.")),
        "reason": personal(_("Raison"), others_see=AS_IT_IS),
        "details": personal(_("Précisions"), others_see=_("texte d’un autre lecteur, qui le ferait reconnaître")),
        "created_at": personal(_("Reçu le"), others_see=AS_IT_IS),
        "handled_at": personal(_("Traité le"), others_see=AS_IT_IS),
        "handled_by": third_person(_("Traité par"), role=MODERATOR),
    }


class Bans(ModelSource):
    """A ban of a bare IP address is nobody's: an address is shared, and proves nothing."""

    name = "bans"
    label = _("Exclusions des commentaires")
    description = _("Les périodes pendant lesquelles vous ne pouviez pas commenter, et pourquoi.")
    activity = COMMUNITY
    model = Ban
    identified_by = (by("account", "account"), by("email", "email", unless="account"))
    summary = _("Exclusion du %(starts_at)s")
    dated_by = "starts_at"
    fields = {
        "id": not_personal(because=INTERNAL),
        "account": personal(_("Numéro de compte")),
        "email": personal(_("Adresse électronique"), concept="email"),
        "ip": personal(_("Adresse IP")),
        "reason": personal(_("Raison")),
        "moderator": third_person(_("Modérateur"), role=MODERATOR),
        "starts_at": personal(_("Depuis le")),
        "ends_at": personal(_("Jusqu’au")),
    }
