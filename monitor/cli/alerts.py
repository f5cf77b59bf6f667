"""`alerts`: what was sent, what waits, and whether a channel works."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.errors import FAILURE, WRONG_USAGE, CommandError, say
from monitor.cli.groups import help_without_command
from monitor.cli.interrupts import put_away_first
from monitor.cli.settings import configuration, now, opened_store

if TYPE_CHECKING:
    from monitor.alerts.alert import Alert
    from monitor.alerts.operators import OperatorsAlert
    from monitor.alerts.outbox import Outcome as Attempt
    from monitor.alerts.outbox import Sending
    from monitor.config.models import Config

app = typer.Typer(
    help="Show and try again the alerts, and test the channels.",
    rich_markup_mode=None,
    invoke_without_command=True,
    callback=help_without_command,
)


@app.command("list")
def list_alerts(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Print every alert and what became of it, oldest first; those to operators, too.

    What has not arrived says what it waits for, and until when.

    \b
    Example:
      policywatch alerts list
    """
    from monitor.cli.output import show_json, show_text
    from monitor.waiting import waits_for

    config = configuration(context)
    with opened_store(config) as store:
        deliveries: list[Sending] = [*store.deliveries(), *store.notices()]
    deliveries.sort(key=lambda delivery: (delivery.created_at, delivery.id))
    told = [(delivery, waits_for(delivery, config, now())) for delivery in deliveries]
    if as_json:
        show_json([{**_fields(delivery), "waits": waits} for delivery, waits in told])
    else:
        show_text("".join(f"{_line(*one)}\n" for one in told) or "No alert yet.\n")


@app.command()
def retry(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> int:
    """Send again what failed.

    Also what was given up, and what else is due. Exits 1 when something did not arrive.

    \b
    Example:
      policywatch alerts retry
    """
    import asyncio

    from monitor.alerts.sending import send_alerts
    from storage.records import DeliveryState

    config = configuration(context)
    put_away_first()
    with opened_store(config) as store:
        states = [DeliveryState.FAILED, DeliveryState.DEAD]
        lost: list[Sending] = [*store.deliveries(states=states), *store.notices(states=states)]
        for delivery in lost:
            store.settle_delivery(delivery.id, DeliveryState.PENDING, now(), "tried again by hand", now())
        attempts = asyncio.run(send_alerts(store, config, now))
    return _tell(attempts, as_json)


@app.command("test")
def test_channel(
    context: typer.Context,
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="A name from the configuration.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> int:
    """Send an example alert to a channel.

    Exits 1 when it did not arrive, or not for every recipient.

    \b
    Example:
      policywatch alerts test legal
    """
    import asyncio

    from monitor.alerts.delivery import DeliveryError

    config = configuration(context)
    if channel not in config.channels:
        known = ", ".join(config.channels) or "none"
        raise CommandError(f"the configuration has no channel {channel!r}; it has {known}", WRONG_USAGE)
    put_away_first()
    try:
        remark = asyncio.run(_send_example(config, channel))
    except DeliveryError as error:
        raise CommandError(str(error)) from error
    if as_json:
        from monitor.cli.output import show_json

        show_json({"channel": channel, "state": "sent in part" if remark else "sent", "reason": remark})
    elif not remark:
        sys.stdout.write(f"An example alert was sent to {channel}.\n")
    if remark:
        # Who tries a channel wants to know whether everybody of it is reached.
        raise CommandError(f"channel {channel}: the example alert was sent in part alone: {remark}")
    return 0


@app.command("schema")
def schema(
    operations: Annotated[
        bool, typer.Option("--operations", help="Of what operators are told, instead of changes.")
    ] = False,
) -> None:
    """Print the JSON Schema of what webhooks are sent.

    \b
    Example:
      policywatch alerts schema > alert.schema.json
    """
    from importlib.resources import files

    name = "operations.schema.json" if operations else "webhook.schema.json"
    sys.stdout.write((files("monitor.alerts") / name).read_text("utf-8"))


async def _send_example(config: Config, channel: str) -> str | None:
    from crawler.guard import AddressGuard, guarded_connector
    from monitor.alerts.channels import senders_of
    from monitor.alerts.webhook import webhook_session

    connector = guarded_connector(AddressGuard(config.crawl.allow_addresses))
    about_changes = "changes" in config.channels[channel].about
    example = _example() if about_changes else _operators_example()
    async with webhook_session(connector) as session:
        return await senders_of(config, session)[channel].send(example, now())


def _example() -> Alert:
    """Return an alert that nobody can take for news."""
    from uuid import uuid4

    from monitor.alerts.alert import Alert
    from monitor.comparison.changes import Change, ValueChange
    from storage.records import DocumentKey

    change = Change(
        material=True,
        topic="retention",
        kind="changed",
        direction="weaker",
        severity="low",
        section="Example",
        section_before="Example",
        before="We keep examples for 30 days.",
        after="We keep examples for 60 days.",
        summary="This is a test of the channel: no policy has changed.",
        values=(ValueChange("P30D", "P60D"),),
    )
    key = DocumentKey("test", "privacy-policy")
    at = now()
    return Alert(f"test-{uuid4()}", key, "Test", "privacy-policy", "", 2, at, 1, at, (change,), test=True)


def _operators_example() -> OperatorsAlert:
    """Return an operators' alert that nobody can take for news."""
    from uuid import uuid4

    from monitor.alerts.operators import OperatorsAlert
    from storage.records import DocumentKey, Notice

    key = DocumentKey("test", "privacy-policy")
    detail = "This is a test of the channel: no page has failed."
    notice = Notice("document.failing", key, now(), now(), reason="test", detail=detail, failures=1)
    return OperatorsAlert(f"test-{uuid4()}", notice, "Test", "privacy-policy", "", test=True)


def _tell(attempts: list[Attempt], as_json: bool) -> int:
    from monitor.cli.output import show_json
    from storage.records import DeliveryState

    lost = [attempt for attempt in attempts if attempt.state is not DeliveryState.SENT]
    say(*(f"alert {attempt.delivery.id} to {attempt.delivery.channel}: {attempt.reason}" for attempt in lost))
    if as_json:
        show_json([_ended(attempt) for attempt in attempts])
    else:
        sys.stdout.write(f"{len(attempts) - len(lost)} sent, {len(lost)} not sent.\n")
    return FAILURE if lost else 0


def _ended(attempt: Attempt) -> dict[str, Any]:
    delivery = attempt.delivery
    return {
        "id": delivery.id,
        "idempotency_key": delivery.idempotency_key,
        "channel": delivery.channel,
        "state": attempt.state.value,
        "reason": attempt.reason,
    }


def _line(delivery: Sending, waits: str | None) -> str:
    from monitor.cli.output import counted
    from storage.records import NoticeDelivery

    told = f"{delivery.created_at:%Y-%m-%d %H:%M}  {delivery.state:<9}  {delivery.channel}  {delivery.key}"
    if isinstance(delivery, NoticeDelivery):
        details = [f"to operators: {delivery.notice.kind} {delivery.notice.about}".rstrip()]
    else:
        details = [f"version {delivery.version_id}", counted(len(delivery.change_ids), "change")]
    return f"{told}  ({', '.join([*details, *filter(None, [delivery.reason, waits])])})"


def _fields(delivery: Sending) -> dict[str, Any]:
    from storage.records import NoticeDelivery

    told: dict[str, Any]
    if isinstance(delivery, NoticeDelivery):
        told = {"type": delivery.notice.kind, "version": None, "previous_version": None, "changes": []}
    else:
        versions = {"version": delivery.version_id, "previous_version": delivery.previous_version_id}
        told = {"type": "policy.changed", **versions, "changes": list(delivery.change_ids)}
    return {
        "id": delivery.id,
        "idempotency_key": delivery.idempotency_key,
        "site": delivery.key.site,
        "document": delivery.key.document,
        "channel": delivery.channel,
        **told,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "reason": delivery.reason,
        "created_at": delivery.created_at.isoformat(),
        "not_before": delivery.not_before.isoformat(),
        "sent_at": delivery.sent_at.isoformat() if delivery.sent_at else None,
    }
