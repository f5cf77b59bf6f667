"""What the log says of checks and alerts: what is new, not what goes on as it did."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from monitor.alerts.alert import headline
from monitor.comparison.summary import NOT_ANALYSED
from monitor.daemon.logs import say
from monitor.outcomes import NewVersion
from storage.records import DeliveryState

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.outcomes import Outcome
    from storage.records import DocumentStatus
    from storage.saves import Save


def tell_outcome(outcome: Outcome, before: DocumentStatus, after: DocumentStatus) -> None:
    """Tell of a document that changed, fails since this check, or is well again."""
    key = str(outcome.key)
    if outcome.failure:
        level = logging.WARNING if not before.failures else logging.DEBUG
        values = {"document": key, "reason": outcome.failure, "failures": after.failures}
        say("document_failed", f"{key} could not be checked: {outcome.detail}", level=level, **values)
    elif before.failures:
        say("document_recovered", f"{key} could be checked again", document=key, failures=before.failures)
    if isinstance(outcome, NewVersion) and outcome.version.accepted:
        say(
            "document_replaced",
            f"{key}: the page became another document and stayed so, it is accepted ({outcome.version.accepted})",
            level=logging.WARNING,
            document=key,
            reason=outcome.version.accepted,
        )
    elif isinstance(outcome, NewVersion):
        say(
            "version_stored",
            f"{key}: {_novelty(outcome)}",
            document=key,
            material=len(outcome.material_changes),
        )


def tell_attempts(attempts: Sequence[Attempt]) -> None:
    """Tell of alerts that were sent or given up, and of attempts that failed."""
    for attempt in attempts:
        delivery, sent = attempt.delivery, attempt.state is DeliveryState.SENT
        remark = f" ({attempt.reason})" if attempt.reason else ""
        say(
            f"alert_{attempt.state.value}",
            f"alert about {delivery.key} to {delivery.channel}: {attempt.state.value}{remark}",
            # One that was sent with a remark did not reach everybody.
            level=logging.INFO if sent and not attempt.reason else logging.WARNING,
            document=str(delivery.key),
            channel=delivery.channel,
            idempotency_key=delivery.idempotency_key,
            reason=attempt.reason,
        )


def tell_save(save: Save) -> None:
    """Tell of a page that an archive keeps as evidence, or does not."""
    is_saved = save.state == "saved"
    say(
        "page_archived" if is_saved else "page_not_archived",
        f"{save.key}: {save}",
        level=logging.INFO if is_saved else logging.WARNING,
        document=str(save.key),
        url=save.url,
        state=save.state,
    )


def _novelty(outcome: NewVersion) -> str:
    if outcome.comparison is None:
        return "first version"
    back = f"back to the version of {outcome.back_to:%Y-%m-%d}" if outcome.back_to else "new version"
    if outcome.material_changes:
        return f"{back}, {headline(outcome.material_changes)}"
    if any(change.summary == NOT_ANALYSED for change in outcome.comparison.changes):
        return f"{back}, in a language that is not analysed"
    return f"{back}, no change of meaning"
