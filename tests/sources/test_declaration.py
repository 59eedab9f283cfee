"""What is wrong with a declaration is said before the service starts."""

from typing import Any

import pytest
from django.utils import translation

from dsr.sources import declaration
from dsr.sources.fields import BLANK_OWN_FIELDS, NO_END_YET, by, kept, not_personal, personal, third_person
from dsr.sources.model_source import ModelSource
from tests.sources.readers import newspaper
from tests.sources.shelf import ACTIVITY, Drawer, Drawers, Node, Nodes, Slots, Stickers

BLANKS = (("owner", ""), ("written_on", None))
PROOF, BOOKS = kept("LITIGE-5", since="written_on"), kept("COMPTA", since="written_on")


def declared(**attributes: Any) -> ModelSource:
    """The nodes' declaration with something else in it; ``fields`` are added to its own."""
    fields = {**Nodes.fields, **attributes.pop("fields", {})}
    return type("Declared", (Nodes,), {**attributes, "fields": fields})()  # type: ignore[no-any-return]


def faults(source: ModelSource) -> dict[str, str]:
    """The faults of a declaration, by name."""
    with translation.override("fr"):
        return {fault.name: fault.sentence for fault in declaration.contradictions(source)}


@pytest.mark.parametrize("source", newspaper(), ids=lambda source: source.name)
def test_the_newspaper_declares_every_field_without_a_contradiction(source: Any) -> None:
    assert declaration.unclassified(source) == ()
    assert declaration.unknown(source) == ()
    assert faults(source) == {}


@pytest.mark.parametrize("source", [Drawers, Slots, Nodes, Stickers])
def test_so_does_the_shelf(source: type[ModelSource]) -> None:
    assert (declaration.unclassified(source()), declaration.unknown(source()), faults(source())) == ((), (), {})


def test_a_forgotten_field_is_named() -> None:
    class Forgetful(ModelSource):
        name = label = description = "oubli"
        activity = ACTIVITY
        model = Drawer
        identified_by = (by("owner", "owner"),)
        fields = {"id": not_personal(because="Un numéro."), "colour_of_eyes": personal("Yeux")}

    assert "keeper" in declaration.unclassified(Forgetful())
    assert "id" not in declaration.unclassified(Forgetful())
    assert declaration.unknown(Forgetful()) == ("colour_of_eyes",)


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("text", personal("", erased_to="")),
        ("text", personal("Texte")),
        ("text", not_personal("Texte", because="")),
        ("text", third_person("Texte", role="")),
        ("text", personal("Texte", erased_to=None)),
        ("text", personal("Texte", kept=kept("INCONNU", since="written_on"))),
        ("text", personal("Texte", kept=kept("LITIGE-5", since="nowhere"))),
        ("text", personal("Texte", kept=kept("LITIGE-5", since="written_on", referenced_by="nobody"))),
        ("text", personal("Texte", erased_to="", when_corrected={"nowhere": None})),
        ("id", personal("Numéro", erased_to=0)),
        ("above", personal("Au-dessus", erased_to=None, concept="above")),
        ("written_on", personal("Écrit le", erased_to=None)),  # what is kept counts from it
        ("text", personal("Texte", kept=PROOF)),  # and a row below makes this one stay
    ],
)
def test_a_contradiction_in_a_field_is_told(name: str, field: Any) -> None:
    assert name in faults(declared(fields={name: field}))


def test_a_start_is_kept_on_each_ground_that_counts_from_it() -> None:
    assert set(faults(declared(fields={"text": personal("Texte", erased_to="", kept=BOOKS)}))) == {"written_on"}


def test_what_cannot_be_blanked_is_kept_on_every_ground_of_its_row() -> None:
    def about(**kept_on: Any) -> set[str]:
        told = {name: personal(name, kept=grounds) for name, grounds in kept_on.items()}
        return set(faults(declared(stays_for=(), fields=told)))

    assert about(text=PROOF) == set()
    assert about(text=(PROOF, BOOKS), written_on=(BOOKS, PROOF), owner=(PROOF, BOOKS)) == set()
    assert about(text=BOOKS, written_on=(BOOKS, PROOF)) == {"text"}  # the owner is kept as a proof


def test_or_for_every_reference_that_makes_its_row_stay() -> None:
    def about(*grounds: Any) -> set[str]:
        stuck = personal("Texte", kept=(PROOF, *grounds))
        told = {name: personal(name, erased_to=blank, kept=(PROOF, *grounds)) for name, blank in BLANKS}
        return set(faults(declared(stays_for=("below", "stickers"), fields={"text": stuck, **told})))

    below, stuck_on = (kept("PRESSE", since=NO_END_YET, referenced_by=name) for name in ("below", "stickers"))
    assert about(below, stuck_on) == set()
    assert about(below) == {"text"}


def test_what_is_the_readers_alone_in_a_shared_row_can_be_blanked() -> None:
    links = (by("owner", "owner"), by("owner", "text"))
    source = declared(
        stays_for=(), identified_by=links, shared=BLANK_OWN_FIELDS, fields={"text": personal("Texte", kept=PROOF)}
    )
    assert "partagée" in faults(source)["text"]


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("identified_by", ()),
        ("identified_by", (by("owner", "nowhere"),)),
        ("identified_by", (by("owner", "owner", unless="nowhere"),)),
        ("identified_by", (by("owner", "owner__nowhere"),)),
        ("stays_for", ("nobody",)),
        ("key", ("nowhere",)),
        ("dated_by", "nowhere"),
        ("summary", "%(nowhere)s"),
        ("on_objection", {"nowhere": None}),
    ],
)
def test_a_name_that_is_not_there_is_told(attribute: str, value: Any) -> None:
    found = faults(declared(**{attribute: value}))
    assert attribute in found
    assert found[attribute].endswith(".")


def test_relations_are_named_as_django_does_or_by_their_model() -> None:
    assert faults(declared(stays_for=("below", "stickers", "Node.above", "Sticker.node"))) == {}
    assert Node._meta.get_field("below")
