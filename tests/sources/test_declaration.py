"""What is wrong with a declaration is said before the service starts."""

from typing import Any

import pytest
from django.utils import translation

from dsr.sources import declaration
from dsr.sources.fields import by, kept, not_personal, personal, third_person
from dsr.sources.model_source import ModelSource
from tests.sources.readers import newspaper
from tests.sources.shelf import ACTIVITY, Drawer, Drawers, Node, Nodes, Slots, Stickers


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
    ],
)
def test_a_contradiction_in_a_field_is_told(name: str, field: Any) -> None:
    assert name in faults(declared(fields={name: field}))


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
