"""What the page of a request offers its officer: the verbs allowed now, each with its form and where it posts."""

from dataclasses import dataclass
from typing import Any

from django.urls import reverse

from dsr import permissions
from dsr.admin import acts
from dsr.lifecycle import execution
from dsr.models.request import DataRequest
from dsr.models.staff import Staff

FIRST = frozenset({"accept", "answer", "approve"})
SHOWN_OPEN = frozenset({"approve", "answer"})


@dataclass(frozen=True, slots=True)
class Offer:
    """A verb on the page; ``open`` when its form is to be seen at once."""

    verb: str
    act: acts.Act
    url: str
    form: acts.Form
    open: bool = False


@dataclass(frozen=True, slots=True)
class Attempt:
    """A verb that was posted and not carried out: what was typed is shown again, what is hidden is drawn anew."""

    verb: str
    row: int | None
    form: acts.Form


@dataclass(frozen=True, slots=True)
class Offers:
    """The verbs offered to one member of staff on one request, and the one just attempted, whatever became of it."""

    data_request: DataRequest
    by: Staff
    attempt: Attempt | None = None

    def on_request(self) -> list[Offer]:
        """Those on the request itself: the decision first, then the others in the order of a desk."""
        verbs = [verb for verb in permissions.verbs(self.by, self.data_request) if self._is_ready(verb)]
        verbs.sort(key=lambda verb: verb not in FIRST)
        if self.attempt and self.attempt.row is None and self.attempt.verb not in verbs:
            verbs.insert(0, self.attempt.verb)
        return [self._offer(verb, acts.ACTS[verb]) for verb in verbs]

    def on_row(self, row: Any, *verbs: str) -> list[Offer]:
        """Those of the verbs that are for this row of the page, now."""
        return [
            self._offer(verb, act, row)
            for verb, act in ((verb, acts.ROW_ACTS[verb]) for verb in verbs)
            if acts.may(act, self.by, row) or self._was_tried(verb, row.pk)
        ]

    def _offer(self, verb: str, act: acts.Act, row: Any = None) -> Offer:
        number = row.pk if row else None
        name = "admin:dsr_datarequest_row_act" if row else "admin:dsr_datarequest_act"
        url = reverse(name, args=[self.data_request.pk, verb, *([number] if row else [])])
        tried = self._was_tried(verb, number)
        if self.attempt and tried and self.attempt.form.visible_fields():
            return Offer(verb, act, url, self.attempt.form, open=True)
        form = act.form(
            target=row or self.data_request,
            by=self.by,
            auto_id=element_ids(verb, number),
            initial=self._initial(verb),
        )
        return Offer(verb, act, url, form, open=tried or verb in SHOWN_OPEN)

    def _was_tried(self, verb: str, row: int | None) -> bool:
        return self.attempt is not None and (self.attempt.verb, self.attempt.row) == (verb, row)

    def _initial(self, verb: str) -> dict[str, str]:
        """The approval carries the fingerprint of the plan that is on the page."""
        plan = execution.current_plan(self.data_request) if verb == "approve" else None
        return {"fingerprint": plan.fingerprint} if plan else {}

    def _is_ready(self, verb: str) -> bool:
        """An erasure is approved on the sight of its plan, or not at all; the packing waits for the last decision."""
        if verb == "finish_screening":
            return not self.data_request.passages.undecided().exists()
        if verb != "approve":
            return True
        return (
            execution.current_plan(self.data_request) is not None and not self.data_request.steps.unfinished().exists()
        )


def element_ids(verb: str, row: int | None) -> str:
    """The pattern of the ids of a form's fields, as several forms are on one page."""
    return f"{verb}-{row}-%s" if row else f"{verb}-%s"
