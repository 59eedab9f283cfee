"""Tables of shapes that the newspaper does not have: every kind of column, composite keys, rows that point at rows."""

from django.apps.registry import Apps
from django.db import models

from dsr.sources.activities import Activity, Recipient
from dsr.sources.fields import by, kept, not_personal, personal, third_person
from dsr.sources.model_source import ModelSource

APPS = Apps(["tests.sources"])  # of their own: no other test meets these tables

ACTIVITY = Activity(
    code="essai",
    name="Essai",
    purpose="Essayer.",
    legal_basis="Aucune.",
    categories="Tout.",
    recipients=(Recipient("personne", "Personne", not_told="Personne ne les reçoit."),),
    retention="Un instant.",
    origin="Nous.",
)


class Drawer(models.Model):
    """One column of each kind."""

    class Colour(models.TextChoices):
        RED = "r", "rouge « vif »"
        BLUE = "b", "bleu"

    owner = models.CharField(max_length=80, blank=True)
    text = models.TextField(blank=True)
    colour = models.CharField(max_length=1, choices=Colour, blank=True)
    whole = models.BigIntegerField(null=True)
    truth = models.BooleanField(null=True)
    decimal = models.DecimalField(max_digits=12, decimal_places=3, null=True)
    floating = models.FloatField(null=True)
    day = models.DateField(null=True)
    instant = models.DateTimeField(null=True)
    clock = models.TimeField(null=True)
    duration = models.DurationField(null=True)
    uuid = models.UUIDField(null=True)
    address = models.GenericIPAddressField(null=True)
    document = models.JSONField(null=True)
    binary = models.BinaryField(null=True)
    file = models.FileField(blank=True, upload_to="drawers")
    keeper = models.CharField(max_length=20, blank=True)

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Drawer {self.pk}"


class Slot(models.Model):
    """A row told apart by two columns."""

    pk = models.CompositePrimaryKey("shelf", "place")
    shelf = models.IntegerField()
    place = models.CharField(max_length=10)
    owner = models.CharField(max_length=80)
    label = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Slot {self.pk}"


class Node(models.Model):
    """A thread of rows; a label holds the node it is stuck on."""

    owner = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=80, blank=True)
    written_on = models.DateField(null=True)
    above = models.ForeignKey("self", models.SET_NULL, null=True, related_name="below")

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Node {self.pk}"


class Sticker(models.Model):
    """Stuck on a node by somebody."""

    node = models.ForeignKey(Node, models.PROTECT, related_name="stickers")
    owner = models.CharField(max_length=80)

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Sticker {self.pk}"


class Talk(models.Model):
    """What two people said to each other."""

    asker = models.CharField(max_length=80, blank=True)
    asker_name = models.CharField(max_length=80, blank=True)
    answerer = models.CharField(max_length=80, blank=True)
    answerer_name = models.CharField(max_length=80, blank=True)
    text = models.CharField(max_length=80, blank=True)

    class Meta:
        app_label, apps = "sources", APPS

    def __str__(self) -> str:
        return f"Talk {self.pk}"


MODELS = (Drawer, Slot, Node, Sticker, Talk)


class Drawers(ModelSource):
    name = "drawers"
    label = "Tiroirs"
    description = "Des tiroirs."
    activity = ACTIVITY
    model = Drawer
    identified_by = (by("owner", "owner"),)
    fields = {
        "id": not_personal("Numéro", because="Un numéro."),
        "owner": personal("Qui", erased_to=""),
        "text": personal("Texte", concept="text", erased_to=""),
        "colour": personal("Couleur"),
        "whole": personal("Entier", concept="whole"),
        "truth": personal("Vrai"),
        "decimal": personal("Décimal"),
        "floating": personal("Flottant"),
        "day": personal("Jour", concept="day"),
        "instant": personal("Instant"),
        "clock": personal("Heure"),
        "duration": personal("Durée"),
        "uuid": personal("Identifiant"),
        "address": personal("Adresse"),
        "document": personal("Document"),
        "binary": personal("Octets"),
        "file": personal("Fichier"),
        "keeper": third_person("Gardien", role="un gardien"),
    }


class Slots(ModelSource):
    name = "slots"
    label = "Places"
    description = "Des places."
    activity = ACTIVITY
    model = Slot
    identified_by = (by("owner", "owner"),)
    fields = {
        "shelf": not_personal("Étagère", because="Un meuble."),
        "place": not_personal("Place", because="Un meuble."),
        "owner": personal("Qui"),
        "label": personal("Étiquette", concept="text"),
    }


class SlotsByName(Slots):
    """The same rows, by a key that the declaration names."""

    key = ("place", "shelf")


class Nodes(ModelSource):
    """Kept five years from the day it was written, where it has one."""

    name = "nodes"
    label = "Nœuds"
    description = "Des nœuds."
    activity = ACTIVITY
    model = Node
    identified_by = (by("owner", "owner"),)
    stays_for = ("below", "Sticker.node")
    fields = {
        "id": not_personal(because="Un numéro."),
        "owner": personal("Qui", erased_to="", kept=kept("LITIGE-5", since="written_on")),
        "text": personal("Texte", erased_to="parti"),
        "written_on": personal("Écrit le", erased_to=None, kept=kept("LITIGE-5", since="written_on")),
        "above": not_personal("Au-dessus", because="Un fil."),
    }


class LooseNodes(Nodes):
    """A declaration that forgot what points at it."""

    stays_for = ()


class Stickers(ModelSource):
    name = "stickers"
    label = "Gommettes"
    description = "Des gommettes."
    activity = ACTIVITY
    model = Sticker
    identified_by = (by("owner", "owner"),)
    fields = {
        "id": not_personal(because="Un numéro."),
        "node": personal("Sur"),
        "owner": personal("Qui"),
    }


class Talks(ModelSource):
    """Two links, either of which may lead to a reader; what then happens is said by whoever inherits."""

    name = "talks"
    label = "Échanges"
    description = "Des échanges à deux."
    activity = ACTIVITY
    model = Talk
    identified_by = (by("owner", "asker", owns=("asker_name",)), by("owner", "answerer", owns=("answerer_name",)))
    fields = {
        "id": not_personal(because="Un numéro."),
        "asker": personal("Qui demande", erased_to=""),
        "asker_name": personal("Son nom", erased_to=""),
        "answerer": personal("Qui répond", erased_to=""),
        "answerer_name": personal("Son nom", erased_to=""),
        "text": personal("Ce qui se dit", erased_to="parti"),
    }


SHELF = [f"{__name__}.{name}" for name in ("Drawers", "Slots", "Stickers", "Nodes")]
