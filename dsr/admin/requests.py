"""Requests in the admin: their addresses, and who may open them."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponseBase
from django.urls import URLPattern, path

from dsr import permissions
from dsr.admin import case, entry, mentions, passage_views
from dsr.admin.queue import QueueAdmin
from dsr.models.request import DataRequest

View = Callable[..., HttpResponseBase]


@admin.register(DataRequest)
class RequestAdmin(QueueAdmin):
    """Requests are looked at and acted upon by verbs: never edited, never deleted, not even by a superuser."""

    def get_urls(self) -> list[URLPattern]:
        """Only these addresses; Django's history and deletion have none."""
        ours: list[tuple[str, View, str]] = [
            ("", self.changelist_view, "changelist"),
            ("search/", self.search_view, "search"),
            ("add/", entry.enter, "add"),
            ("<int:object_id>/change/", case.show, "change"),
            ("<int:object_id>/act/<slug:verb>/", case.act, "act"),
            ("<int:object_id>/act/<slug:verb>/<int:row>/", case.act, "row_act"),
            ("<int:object_id>/letter/<int:row>/", case.letter, "letter"),
            ("<int:object_id>/package/", case.package, "package"),
            ("<int:object_id>/read/", case.read, "read"),
            ("<int:object_id>/passages/", passage_views.show, "passages"),
            ("<int:object_id>/passages/decide/", passage_views.decide, "decide_passages"),
            ("<int:object_id>/passages/rest/", passage_views.mask_rest, "mask_rest"),
            ("<int:object_id>/passages/mark/", passage_views.mark, "mark_passage"),
            ("<int:object_id>/proof/<int:row>/", case.proof, "proof"),
            ("<int:object_id>/mentions/", mentions.show, "mentions"),
            ("<int:object_id>/mentions/decide/", mentions.decide, "decide_mentions"),
            ("<int:object_id>/certificate/<slug:form>/", mentions.certificate_of, "certificate"),
        ]
        guarded = self.admin_site.admin_view
        return [path(route, guarded(view), name=f"dsr_datarequest_{name}") for route, view, name in ours]

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        """Whether this member of staff sees requests."""
        return bool(request.user.has_perm(permissions.VIEW))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether this member of staff types requests in."""
        return bool(request.user.has_perm(permissions.ENTER))
