"""The certificate of an erasure: what it states, as a signed note, and the same in words as a PDF; it names nobody.

The note is one line that says what is signed, and one of canonical JSON (RFC 8785). The PDF is set from the note each
time it is asked for, in the language of the reader, and carries it whole: the note alone is what is signed.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any, Final

import rfc8785
from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dsr import grounds, typesetting
from dsr.audit import note, signing
from dsr.leaving import LEAVING
from dsr.packages.markup import day_in_words
from dsr.packages.section import Section, or_not_applicable
from dsr.sources import own_tables, registry

TEMPLATE: Final = "dsr/package/certificate.typ"
KIND: Final = "erasure-certificate-1"

Statement = Mapping[str, Any]


def signed(statement: Statement) -> str:
    """The note; raises NoteError for a statement that cannot be signed."""
    return signing.signer().sign(f"{settings.DSR_LOG_ORIGIN}/{KIND}\n{rfc8785.dumps(dict(statement)).decode()}\n")


def opened(text: str) -> Statement:
    """What a note states; raises NoteError unless it is signed by a key of the log and is a certificate of ours."""
    head, _newline, body = note.opened(text, signing.verifiers()).partition("\n")
    if head != f"{settings.DSR_LOG_ORIGIN}/{KIND}":
        raise note.NoteError("it is no certificate of this service")
    stated: Statement = json.loads(body)
    return stated


def as_json(text: str) -> bytes:
    """What is handed over: the statement, to be read, and the note, to be verified."""
    document = {"certificate": opened(text), "note": text}
    return json.dumps(document, indent=2, ensure_ascii=False).encode() + b"\n"


def as_pdf(text: str, *, language: str) -> bytes:
    """The statement in words, and the note, as PDF/UA."""
    stated = opened(text)
    with translation.override(language):
        return typesetting.pdf(TEMPLATE, {**_head(stated, language), "note": text})


def _head(stated: Statement, language: str) -> dict[str, Any]:
    made_on = timezone.localtime(_instant(stated["made_at"])).date()
    return {
        "lang": language,
        "title": _("Certificat d’effacement %(reference)s") % {"reference": stated["reference"]},
        "newspaper": stated["newspaper"],
        "made_on": [made_on.year, made_on.month, made_on.day],
        "facts": [[label, value] for label, value in _facts(stated)],
        "table": _table(stated),
        "sections": [section.data() for section in _sections(stated)],
        "words": {
            "page": _("page"),
            "of": _("sur"),
            "done": _("Ce qui a été fait"),
            "note": _("Le certificat signé"),
            "how": _(
                "La clé du journal de ce service a signé le texte ci-dessous ; elle est publiée à l’adresse "
                "%(site)s/audit/key. Le fichier JSON du même nom contient ce texte, et le programme "
                "docs/verify_certificate.py vérifie l’un et l’autre sans ce service."
            )
            % {"site": settings.DSR_SITE_URL},
        },
    }


def _facts(stated: Statement) -> Iterator[tuple[str, str]]:
    yield _("Référence"), stated["reference"]
    yield _("Portée"), _("toutes les données") if stated["scope"] == "everything" else _labels(stated["scope"])
    yield _("Approuvé le"), _minute(stated["approved_at"])
    yield _("Effacé le"), _minute(stated["erased_at"])
    yield _("Vérifié le"), _minute(stated["verified_at"])
    yield _("Établi le"), _minute(stated["made_at"])


def _table(stated: Statement) -> dict[str, Any]:
    """One line for each source that had something."""
    counted = ("erased", "rewritten", "files")
    lines = [each for each in stated["sources"] if any(each[name] for name in (*counted, "kept", "by_hand"))]
    return {
        "head": [_("Source"), _("lignes effacées"), _("lignes réécrites"), _("fichiers"), _("lignes conservées")],
        "rows": [
            [
                _label(each["source"]) + (_(" (à la main)") if each["by_hand"] else ""),
                *(str(each[name]) for name in counted),
                str(sum(kept["rows"] for kept in each["kept"])),
            ]
            for each in lines
        ],
        "nothing": _("Aucune source ne détenait de données."),
    }


def _sections(stated: Statement) -> Iterator[Section]:
    kept = tuple(line for each in stated["sources"] for line in _kept(each))
    yield Section(_("Ce qui est conservé"), items=or_not_applicable(*kept))
    left = tuple(_left(each) for each in stated["mentions"]["left"])
    masked = stated["mentions"]["masked"]
    texts = (_masked(masked),) if masked else ()
    items = left if masked else or_not_applicable(*left)
    yield Section(_("Mentions dans les textes d’autres personnes"), texts=texts, items=items)
    yield Section(_("Vérification"), texts=tuple(_verified(stated["verification"])))
    yield Section(_("Place dans le journal"), texts=(_place(stated["log"]),))


def _kept(stated: Mapping[str, Any]) -> Iterator[str]:
    """What is kept of one source, one text for each ground."""
    by_ground: dict[str, list[Mapping[str, Any]]] = {}
    for line in stated["kept"]:
        by_ground.setdefault(line["ground"], []).append(line)
    for code, lines in by_ground.items():
        yield _("%(source)s : %(rows)s, %(until)s, en application de %(reference)s.") % {
            "source": _label(stated["source"]),
            "rows": _rows(sum(line["rows"] for line in lines)),
            "until": _until(sorted(line["until"] for line in lines if line["until"])),
            "reference": grounds.keeping(code).reference,
        }


def _until(days: list[str]) -> str:
    """The end of keeping, or the first and the last of several; none: judged case by case."""
    if not days:
        return _("réexaminé au cas par cas")
    if len(days) == 1:
        return _("jusqu’au %(day)s") % {"day": _day(days[0])}
    return _("chacune jusqu’à sa date, du %(first)s au %(last)s") % {"first": _day(days[0]), "last": _day(days[-1])}


def _left(line: Mapping[str, Any]) -> str:
    ground = LEAVING[line["reason"]]
    return _("%(source)s : %(count)s, en application de %(reference)s. %(sentence)s") % {
        "source": _label(line["source"]),
        "count": ngettext("%(n)d mention laissée", "%(n)d mentions laissées", line["count"]) % {"n": line["count"]},
        "reference": ground.reference,
        "sentence": ground.sentence,
    }


def _masked(count: int) -> str:
    return ngettext("%(n)d mention a été masquée.", "%(n)d mentions ont été masquées.", count) % {"n": count}


def _verified(verification: Mapping[str, Any]) -> Iterator[str]:
    yield _("Une seconde lecture de chaque source, après l’effacement, n’a plus rien trouvé à effacer.")
    searched = verification["values"]
    if searched is None:
        yield _(
            "L’effacement ne portait que sur une partie des données : les coordonnées du lecteur restent légitimement "
            "dans les autres, et n’ont donc pas été recherchées partout."
        )
        return
    yield _(
        "Les anciens identifiants (adresses, téléphones, numéros) ont été recherchés dans toutes les colonnes de texte "
        "de %(tables)d tables, dans les noms des fichiers et dans les courriers : il n’en reste que ce qui est dit "
        "ci-dessus. Les noms et les adresses IP l’ont été dans les lignes du lecteur."
    ) % {"tables": searched["tables"]}


def _place(place: Mapping[str, Any]) -> str:
    said = _("Vérification inscrite au journal « %(origin)s », entrée %(n)d de la demande, empreinte %(leaf)s.") % place
    if place["root"]:
        said += " " + _("Le journal comptait alors %(size)d entrées scellées, de racine %(root)s.") % place
    return said


def _rows(count: int) -> str:
    return ngettext("%(n)d ligne", "%(n)d lignes", count) % {"n": count}


def _labels(names: list[str]) -> str:
    return ", ".join(map(_label, names))


def _label(name: str) -> str:
    """The words of a source or of a table of our own; its name once the newspaper has removed it."""
    told = own_tables.labels() | {source.name: source.label for source in registry.sources()}
    return str(told.get(name, name))


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _minute(text: str | None) -> str:
    if not text:
        return "–"
    instant = timezone.localtime(_instant(text))
    return f"{day_in_words(instant)}, {instant:%H:%M}"


def _day(text: str) -> str:
    return day_in_words(date.fromisoformat(text))
