"""What moderators write and decide: notes, reports received from readers, bans."""

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from .account import Account
from .comment import Comment
from .record import Record


class ModerationNote(Record):
    """A moderator's note about an account or a comment; the moderator is a reference such as "M-07", not a name."""

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="moderation_notes",
        db_index=False,
        verbose_name=_("compte"),
    )
    comment = models.ForeignKey(
        Comment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="moderation_notes",
        db_index=False,
        verbose_name=_("commentaire"),
    )
    moderator = models.CharField(_("modérateur (référence)"), max_length=20)
    text = models.TextField(_("note"), blank=True)
    created_at = models.DateTimeField(_("écrite le"), db_index=True)

    class Meta:
        verbose_name = _("note de modération")
        verbose_name_plural = _("notes de modération")
        indexes = [
            models.Index(fields=["account", "id"], name="moderation_note_by_account"),
            models.Index(fields=["comment", "id"], name="moderation_note_by_comment"),
        ]


class Report(Record):
    """A reader, with an account or a bare address, reports the comment of somebody else.

    The row belongs to two people. It protects the comment it reports, so that erasing the author of the comment is a
    decision about the report too, never a silent change of the reporter's row.
    """

    class Reason(models.TextChoices):
        INSULT = "insult", _("injure")
        HATE = "hate", _("propos haineux")
        PRIVACY = "privacy", _("atteinte à la vie privée")
        ADVERTISING = "advertising", _("publicité")
        OTHER = "other", _("autre")

    reporter_account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        db_index=False,
        verbose_name=_("compte du lecteur qui signale"),
    )
    reporter_email = models.EmailField(_("adresse e-mail du lecteur qui signale"), max_length=254, blank=True)
    reporter_ip = models.GenericIPAddressField(_("adresse IP du lecteur qui signale"), null=True, blank=True)
    comment = models.ForeignKey(
        Comment,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="reports",
        db_index=False,
        verbose_name=_("commentaire signalé"),
    )
    reason = models.CharField(_("motif"), max_length=12, choices=Reason)
    details = models.TextField(_("précisions"), blank=True)
    created_at = models.DateTimeField(_("reçu le"), db_index=True)
    handled_at = models.DateTimeField(_("traité le"), null=True, blank=True)
    handled_by = models.CharField(_("traité par (référence)"), max_length=20, blank=True)

    class Meta:
        verbose_name = _("signalement")
        verbose_name_plural = _("signalements")
        indexes = [
            models.Index(fields=["reporter_account", "id"], name="report_by_account"),
            models.Index(Lower("reporter_email"), "id", name="report_by_email"),
            models.Index(fields=["comment", "id"], name="report_by_comment"),
        ]


class Ban(Record):
    """Somebody may not comment for a while: an account, a bare address or an IP; without an end it is for good."""

    account = models.ForeignKey(
        Account,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="bans",
        db_index=False,
        verbose_name=_("compte"),
    )
    email = models.EmailField(_("adresse e-mail"), max_length=254, blank=True)
    ip = models.GenericIPAddressField(_("adresse IP"), null=True, blank=True)
    reason = models.TextField(_("raison"), blank=True)
    moderator = models.CharField(_("modérateur (référence)"), max_length=20)
    starts_at = models.DateTimeField(_("depuis le"))
    ends_at = models.DateTimeField(_("jusqu’au"), null=True, blank=True)

    class Meta:
        verbose_name = _("exclusion")
        verbose_name_plural = _("exclusions")
        indexes = [
            models.Index(fields=["account", "id"], name="ban_by_account"),
            models.Index(Lower("email"), "id", name="ban_by_email"),
            models.Index(fields=["ip", "id"], name="ban_by_ip"),
        ]
