"""Declarations that are wrong on purpose, and how the checks are asked; ``declare`` puts one more, ``Broken``, here."""

from django.core.checks import CheckMessage, run_checks

from dsr.readers.sources import Invoices, SupportMessages
from dsr.sources.by_hand import ByHand
from dsr.sources.model_source import ModelSource

Complaint = tuple[str, str]


def complaints(*, deploy: bool = False) -> list[Complaint]:
    """What the checks of this service say: the number of each, and what it is about, without this module's name."""
    said = [each for each in run_checks(include_deployment_checks=deploy) if str(each.id).startswith("dsr.")]
    assert all(each.msg.strip() for each in said)
    return [(str(each.id).removeprefix("dsr."), _about(each)) for each in said]


def _about(message: CheckMessage) -> str:
    return str(message.obj).removeprefix(f"{__name__}.Broken.").removeprefix(f"{__name__}.")


class Nameless(ModelSource):
    """It forgot everything."""


class ByMail(ByHand):
    """A drawer."""

    name = "drawer"
    label = "Classeur"
    description = "Vos lettres."
    activity = SupportMessages.activity
    tool = "Le classeur du service"
    to_collect = "Numérisez les lettres du lecteur."
    to_erase = "Détruisez-les."


class InvoicesAgain(Invoices):
    """The same table twice."""

    name = "invoices_again"
