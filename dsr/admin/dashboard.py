"""The first page of the desk and what surrounds every page: the counts of what waits, the menu, the style sheet."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dsr import permissions
from dsr.admin import pending, review_views, watch
from dsr.lifecycle import restoring
from dsr.models.ledger import Resurgence
from dsr.oversight import reviews

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise

OURS = frozenset({"dsr", "auth", "mfa", "knox"})  # applications that have their own place in the menu

HINTS = {
    "todo": _("ouvertes, ou décidées sans que la réponse soit partie"),
    "late": _("le dernier jour est passé"),
    "soon": _("le dernier jour approche"),
    "approval": _("effacements qui attendent une seconde personne"),
    "untold": _("la réponse attend qu’ils le soient"),
    "silent": _("prévenus depuis longtemps : relancez-les"),
    "waiting": _("à chercher à la main, à masquer, à relire"),
    "undelivered": _("le délai court jusqu’à l’envoi"),
    "attention": _("une étape ou un courrier est bloqué"),
}


def counts(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Add what waits: requests for those who may see them, the log's reviews for those who may see those."""
    sees_requests, sees_reviews = request.user.has_perm(permissions.VIEW), request.user.has_perm(review_views.VIEW)
    now = timezone.now()
    if sees_requests:
        context["cards"] = [*_requests(now), *_resurgences()]
        context["restored"] = restoring.is_pending()
    if sees_reviews:
        context["control"] = watch.cards(now)
    if sees_requests or sees_reviews:
        context["overdue_reviews"] = reviews.overdue(at=now)
    return context


def _requests(now: datetime) -> list[dict[str, Any]]:
    queue = reverse("admin:dsr_datarequest_changelist")
    return [
        {
            "title": pending.VIEWS[view],
            "hint": HINTS[view],
            "count": count,
            "tone": pending.TONES.get(view, "plain") if count else "plain",
            "href": f"{queue}?view={view}",
        }
        for view, count in pending.counts(now).items()
    ]


def _resurgences() -> list[dict[str, Any]]:
    """Who was erased and may be there again; nothing is said while nobody is."""
    count = Resurgence.objects.pending().count()
    if not count:
        return []
    return [
        {
            "title": _("Effacements à reprendre"),
            "hint": _("revenus après une restauration ou un import"),
            "count": count,
            "tone": "bad",
            "href": reverse("admin:dsr_resurgence_changelist"),
        }
    ]


def stylesheet(_request: HttpRequest) -> str:
    """The desk's own style sheet, beside the theme's."""
    return static("dsr/desk/desk.css")


def script(_request: HttpRequest) -> str:
    """The desk's only script: a form is sent once."""
    return static("dsr/desk/desk.js")


def account(_request: HttpRequest) -> list[dict[str, Any]]:
    """What a member of staff does with their own account."""
    return [
        {"title": _("Second facteur"), "link": reverse("mfa_index")},
        {"title": _("Changer de mot de passe"), "link": reverse("admin:password_change")},
    ]


def navigation(request: HttpRequest) -> list[dict[str, Any]]:
    """The menu: only what this member of staff may open."""
    return [
        {
            "title": _("Demandes"),
            "items": [
                _item(request, _("Tableau de bord"), "dashboard", "admin:index", None),
                _item(request, _("File des demandes"), "inbox", "admin:dsr_datarequest_changelist", permissions.VIEW),
                _item(
                    request,
                    _("Effacements à reprendre"),
                    "settings_backup_restore",
                    "admin:dsr_resurgence_changelist",
                    permissions.VIEW,
                ),
                _item(request, _("Saisir une demande"), "edit_note", "admin:dsr_datarequest_add", permissions.ENTER),
            ],
        },
        {
            "title": _("Contrôle"),
            "items": [
                _item(request, _("Journal"), "history", "admin:dsr_auditentry_changelist", "dsr.view_auditentry"),
                _item(request, _("Relectures"), "fact_check", "admin:dsr_review_changelist", review_views.VIEW),
            ],
        },
        {
            "title": _("Équipe"),
            "items": [
                _item(request, _("Membres"), "group", "admin:dsr_staff_changelist", "dsr.view_staff"),
                _item(request, _("Groupes"), "badge", "admin:auth_group_changelist", "auth.view_group"),
                _item(
                    request,
                    _("Seconds facteurs"),
                    "key",
                    "admin:mfa_authenticator_changelist",
                    "mfa.view_authenticator",
                ),
            ],
        },
        *_others(request),
    ]


def _others(request: HttpRequest) -> list[dict[str, Any]]:
    """The tables of other applications that this member of staff may open, such as the newspaper's records."""
    return [
        {
            "title": app["name"],
            "items": [
                {
                    "title": model["name"],
                    "icon": "table",
                    "link": model["admin_url"],
                    "permission": lambda _request: True,
                }
                for model in app["models"]
                if model["admin_url"]
            ],
        }
        for app in admin.site.get_app_list(request)
        if app["app_label"] not in OURS
    ]


def _item(request: HttpRequest, title: "StrPromise", icon: str, name: str, permission: str | None) -> dict[str, Any]:
    link = reverse(name)
    allowed = permission is None or request.user.has_perm(permission)
    return {
        "title": title,
        "icon": icon,
        "link": link,
        "active": request.path == link or (name.endswith("_changelist") and _is_a_row(request.path, link)),
        "permission": lambda _request: allowed,
    }


def _is_a_row(path: str, link: str) -> bool:
    """Whether the page is one of a row of that list."""
    return path.startswith(link) and path.removeprefix(link)[:1].isdigit()
