"""Processing activities (GDPR Art. 30): why data are held, on what basis, who receives them, how long, from where."""

from dataclasses import dataclass

from django.utils.functional import Promise

Text = str | Promise


@dataclass(frozen=True, slots=True)
class Activity:
    """One line of the register of processing, in words fit for the reader (GDPR Art. 15(1)(a)-(h)).

    ``recipients`` are named one by one (CJEU C-154/21). ``transfers`` and ``automated_decisions`` left empty are told
    as « sans objet »; the other sentences are never empty.
    """

    code: str
    name: Text
    purpose: Text
    legal_basis: Text
    categories: Text
    recipients: tuple[Text, ...]
    retention: Text
    origin: Text
    transfers: Text = ""
    automated_decisions: Text = ""
