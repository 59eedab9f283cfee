"""Letters of the decision: a question, a contract that runs, more time, a refusal, an officer's own words."""

from collections.abc import Sequence
from datetime import date, datetime

from dsr import deadlines, grounds
from dsr.models.identity import Question
from dsr.models.notice import Notice
from dsr.models.request import DataRequest
from dsr.notifications.writing import in_words, quoted, unstopped, write
from dsr.sources import registry


def question(data_request: DataRequest, *, question: Question, at: datetime) -> Notice:
    """A doubt on identity, whose words say whether the clock is held, or a precision, which never holds it."""
    reason = quoted(question.reason)
    context = {
        "about": Question.About(question.about).value,
        "suspends": question.suspends,
        "reason": unstopped(reason) if question.about == Question.About.IDENTITY else reason,
    }
    return write(data_request, "question", at=at, context=context)


def contract(data_request: DataRequest, *, sources: Sequence[str], until: date | None, at: datetime) -> Notice:
    """A contract runs and keeps part of what is to be erased: the two choices, until when, and what silence means."""
    labels = [each.label for each in registry.sources() if each.name in sources]
    context = {"labels": labels, "choices": registry.contract_words(sources), "until": until and in_words(until)}
    return write(data_request, "contract", at=at, context=context)


def extension(data_request: DataRequest, *, at: datetime) -> Notice:
    """Three months instead of one, and why (GDPR Art. 12(3))."""
    because = grounds.extending(data_request.extension_ground)
    context = {
        "because": unstopped(because.sentence),
        "reference_of_law": because.reference,
        "first_due_on": in_words(data_request.notice_due_on),
    }
    return write(data_request, "extension", at=at, context=context)


def refusal(data_request: DataRequest, *, because: str, at: datetime) -> Notice:
    """The reason, its article, the facts, the complaint and the court (GDPR Art. 12(4)).

    A refusal is owed within the first month: past it the letter is late, also when the answer had been given more time.
    """
    ground = grounds.refusing(because)
    late = 0 if data_request.is_suspended else deadlines.days_late(data_request.notice_due_on, at)
    context = {
        "sentence": ground.sentence,
        "reference_of_law": ground.reference,
        "because": because,
        "facts": quoted(data_request.reply),
        "due_on": in_words(data_request.notice_due_on),
        "days_late": late,
    }
    return write(data_request, "refusal", at=at, context=context, answers=True)


def answered(data_request: DataRequest, *, at: datetime) -> Notice:
    """The answer an officer wrote."""
    return write(data_request, "answered", at=at, context={"reply": quoted(data_request.reply)}, answers=True)
