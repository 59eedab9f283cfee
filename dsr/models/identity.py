"""Who is asking: the identifiers proven or filed, the questions put to the reader, and the secrets handed out."""

import base64
import hmac
import secrets
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dsr import keys
from dsr.models import prepared
from dsr.models.request import DataRequest
from dsr.models.staff import ALPHABET, Staff

CODE_LENGTH = 9  # 30 letters and digits: more than 44 bits
TRIES = 5


class Means(models.TextChoices):
    """How an identifier was verified, least intrusive first (law page, section 3)."""

    SESSION = "session", _("session ouverte sur le site")
    MAILBOX = "mailbox", _("contrôle de la boîte aux lettres")
    FILED = "filed", _("enregistré par nous avec une donnée vérifiée")
    DOCUMENT = "document", _("document vu par un agent")


class IdentifierQuerySet(models.QuerySet["Identifier"]):
    """Questions about identifiers."""

    def verified(self) -> Self:
        """Those that sources may be asked about."""
        return self.filter(verified_at__isnull=False)


class Identifier(models.Model):
    """What ties rows to the reader; sources are asked about verified ones only.

    One read on a document is proposed by an officer (``vouched_by``) and verified by a second (law page, section 3).
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="identifiers")
    kind = models.CharField(max_length=32)
    value = models.CharField(max_length=320)
    verified_by = models.CharField(max_length=16, choices=Means.choices)
    vouched_by = models.ForeignKey(Staff, models.PROTECT, null=True, blank=True, related_name="+")
    verified_at = models.DateTimeField(null=True, blank=True)

    objects = IdentifierQuerySet.as_manager()

    class Meta:
        verbose_name = _("identifiant")
        verbose_name_plural = _("identifiants")
        constraints = [models.UniqueConstraint(fields=["data_request", "kind", "value"], name="one_identifier_once")]
        indexes = [models.Index(fields=["kind", "value"])]

    def __str__(self) -> str:
        return f"Identifier {self.pk}"


class Question(models.Model):
    """What an officer asked the reader: proof of identity may suspend the clock, a precision does not."""

    class About(models.TextChoices):
        IDENTITY = "identity", _("identité")
        PRECISION = "precision", _("précision")

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="questions")
    about = models.CharField(_("objet"), max_length=16, choices=About.choices)
    reason = models.TextField(_("motif"), max_length=2000)
    asked_at = models.DateTimeField(_("posée le"))
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    contestable = models.BooleanField(
        _("contestable"),
        default=False,
        help_text=_("Posée plus de sept jours après la réception : elle ne suspend rien."),
    )
    answer = models.TextField(_("réponse"), blank=True, max_length=5000)
    answered_at = models.DateTimeField(_("répondue le"), null=True, blank=True)

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        constraints = [
            models.UniqueConstraint(
                fields=["data_request"], condition=Q(answered_at=None), name="one_open_question_per_request"
            )
        ]

    def __str__(self) -> str:
        return f"Question {self.pk}"

    @property
    def suspends(self) -> bool:
        """Whether it holds the clock: about identity, and asked within seven days of receipt."""
        return self.about == self.About.IDENTITY and not self.contestable


class Purpose(models.TextChoices):
    """What a secret opens; one never opens what another does."""

    CONFIRM = "confirm", _("prouver la boîte aux lettres")
    FOLLOW = "follow", _("suivre la demande")
    BEARER = "bearer", _("suivre la demande par l’API")
    DOWNLOAD = "download", _("ouvrir le paquet")
    ADDRESS = "address", _("confirmer une nouvelle adresse")
    OBJECT = "object", _("contester une nouvelle adresse")


class SecretQuerySet(models.QuerySet["Secret"]):
    """Questions about secrets."""

    def live(self, at: datetime) -> Self:
        """Those that are neither used, nor revoked, nor expired."""
        return self.filter(used_at=None, revoked_at=None, expires_at__gt=at)


class Secret(models.Model):
    """A link token and a code to type, bound to one request and purpose; only digests of them are stored.

    Both are derived from ``nonce`` under a key outside the database, so that a letter sent twice carries the same ones.
    """

    data_request = models.ForeignKey(DataRequest, models.CASCADE, related_name="secrets")
    purpose = models.CharField(max_length=16, choices=Purpose.choices)
    nonce = models.CharField(max_length=64)
    token_digest = models.CharField(max_length=64, unique=True)
    code_digest = models.CharField(max_length=64)
    tries_left = models.PositiveSmallIntegerField(default=TRIES)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SecretQuerySet.as_manager()

    class Meta:
        verbose_name = _("secret")
        verbose_name_plural = _("secrets")
        indexes = [models.Index(fields=["data_request", "purpose"])]

    def __str__(self) -> str:
        return f"Secret {self.pk}"

    @classmethod
    def draw(cls, data_request: DataRequest, purpose: Purpose, *, at: datetime, expires_at: datetime) -> "Secret":
        """Save a new secret; its token and code can be derived from it, and from nothing in the database alone."""
        secret = cls(
            data_request=data_request,
            purpose=purpose,
            nonce=secrets.token_hex(32),
            created_at=at,
            expires_at=expires_at,
        )
        secret.token_digest = keys.digest(secret.token)
        secret.code_digest = code_digest(data_request, purpose, secret.code)
        return _NEW(secret)

    @property
    def token(self) -> str:
        """The link token, 256 bits in URL-safe base64, for the fragment of an address."""
        return base64.urlsafe_b64encode(keys.keyed("link", self.nonce.encode())).rstrip(b"=").decode()

    @property
    def code(self) -> str:
        """The code to type, in three groups, such as ``7K4-M2Q-XP9``."""
        number = int.from_bytes(keys.keyed("code", self.nonce.encode()))
        letters = []
        for _place in range(CODE_LENGTH):
            number, index = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[index])
        return "-".join("".join(letters[start : start + 3]) for start in range(0, CODE_LENGTH, 3))

    def matches(self, attempt: str) -> bool:
        """Whether a typed code is this one; spaces, dashes and case do not matter."""
        attempted = code_digest(self.data_request, Purpose(self.purpose), attempt)
        return hmac.compare_digest(self.code_digest, attempted)


_NEW = prepared.Insert(Secret)


def code_digest(data_request: DataRequest, purpose: Purpose, code: str) -> str:
    """HMAC of a code, bound to its request and purpose, under a key outside the database."""
    plain = "".join(letter for letter in code.upper() if letter in ALPHABET)
    return keys.keyed("code-digest", f"{data_request.reference}:{purpose}:{plain}".encode()).hex()
