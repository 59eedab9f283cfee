"""Every address under ``/api/``; what is not one is a problem document too."""

from django.urls import URLPattern, include, path, re_path, register_converter

from dsr.api import contested, desk, docs, passages, reader, rectification, suppression
from dsr.api.door import ExactReference
from dsr.api.problems import not_found

register_converter(ExactReference, "exact")

app_name = "api"

V1: list[URLPattern] = [
    path("sources", reader.Sources.as_view(), name="sources"),
    path("requests", reader.Requests.as_view(), name="requests"),
    path("requests/<exact:reference>", reader.Follow.as_view(), name="request"),
    path("requests/<exact:reference>/confirm", reader.Confirm.as_view(), name="confirm"),
    path("requests/<exact:reference>/code", reader.Code.as_view(), name="code"),
    path("requests/<exact:reference>/withdraw", reader.Withdraw.as_view(), name="withdraw"),
    path("requests/<exact:reference>/reply", reader.Reply.as_view(), name="reply"),
    path("requests/<exact:reference>/contract", reader.Contract.as_view(), name="contract"),
    path("requests/<exact:reference>/scope", reader.Scope.as_view(), name="scope"),
    path("requests/<exact:reference>/corrections", rectification.Corrections.as_view(), name="corrections"),
    path("requests/<exact:reference>/proofs", rectification.Proofs.as_view(), name="proofs"),
    path("requests/<exact:reference>/address", rectification.NewAddress.as_view(), name="new-address"),
    path("requests/<exact:reference>/address/contest", rectification.OldAddress.as_view(), name="old-address"),
    path("requests/<exact:reference>/package", reader.Package.as_view(), name="package"),
    path("requests/<exact:reference>/package/again", reader.PackageAgain.as_view(), name="package-again"),
    path("restricted", contested.Restricted.as_view(), name="restricted"),
    path("desk/requests/<exact:reference>/corrections", contested.Corrections.as_view(), name="desk-corrections"),
    path("desk/requests/<exact:reference>/proofs/<int:number>", contested.Look.as_view(), name="desk-proof"),
    path("suppressed", suppression.Suppressed.as_view(), name="suppressed"),
    path("suppressed/lifted", suppression.Lift.as_view(), name="suppressed-lifted"),
    path("requests/<exact:reference>/certificate", reader.CertificateOf.as_view(), name="certificate"),
    path("desk/requests", desk.Queue.as_view(), name="desk-requests"),
    path("desk/requests/<exact:reference>", desk.Dossier.as_view(), name="desk-request"),
    path("desk/requests/<exact:reference>/passages", passages.Listed.as_view(), name="desk-passages"),
    path("desk/requests/<exact:reference>/mentions", desk.Mentions.as_view(), name="desk-mentions"),
    path("desk/requests/<exact:reference>/certificate", desk.CertificateOf.as_view(), name="desk-certificate"),
    *desk.addresses(),
]

urlpatterns = [
    path("v1/", include(V1)),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="docs"),
    re_path(r"^(?P<path>(?s:.*))\Z", not_found, name="not-found"),
]
