"""`status`: what is well, failing or waiting."""

# ruff: noqa: PLC0415  what is heavy is imported when the command runs

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from monitor.cli.settings import configuration, now, opened_store

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from monitor.config.models import DocumentConfig
    from storage.hosts import Rest
    from storage.records import DocumentKey, VersionNote
    from storage.store import Store


# Documents that nobody watches are named up to so many.
_MOST_NAMED = 5


def status(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False
) -> None:
    """Print what is well, failing or waiting.

    \b
    Example:
      policywatch status
    """
    from monitor.cli.output import show_json, show_text
    from monitor.config.secrets import missing_secrets

    config = configuration(context)
    missing = [{"channel": name, "reason": reason} for name, reason in missing_secrets(config).items()]
    configured = {key: document for key, document, _ in config.documents()}
    with opened_store(config) as store:
        watched = store.documents()
        documents = [_document(store, key, configured.get(key)) for key in watched]
        kept = [str(key) for key in sorted(set(store.documents(retired=True)).difference(watched), key=str)]
        hosts = [_host(rest) for rest in store.hosts.resting(now())]
        alerts = _alerts(store)
        saves = [{"document": str(save.key), **save.to_json()} for save in store.saves.waiting()]
    if as_json:
        show_json(
            {
                "documents": documents,
                "kept": kept,
                "hosts": hosts,
                "alerts": alerts,
                "saves": saves,
                "without_secret": missing,
            }
        )
    else:
        lines = [*_lines(documents, hosts, alerts), *_without_secret(missing), *_saves(saves), *_kept(kept)]
        show_text("".join(f"{line}\n" for line in lines))


def _document(store: Store, key: DocumentKey, document: DocumentConfig | None) -> dict[str, Any]:
    from monitor.silence import silent_since, stands_in
    from monitor.variants import variants

    known, versions = store.status(key), store.version_notes(key)
    return {
        "site": key.site,
        "document": key.document,
        "versions": len(versions),
        "last_checked_at": _moment(known.last_checked_at),
        "last_ok_at": _moment(known.last_ok_at),
        "seen_at": _moment(known.seen_at),
        "silent_since": _moment(silent_since(known)),
        "archive_stands_in": _moment(stands_in(known, document)),
        "failing_since": _moment(known.failing_since),
        "failures": known.failures,
        "reason": known.reason,
        "detail": known.detail,
        "next_check_at": _moment(known.next_check_at),
        "replaced": _replaced(versions),
        "variants": [
            {
                "version": variant.version_id,
                "first_at": variant.first_at.isoformat(),
                "last_at": variant.last_at.isoformat(),
                "times": variant.times,
            }
            for variant in variants(versions)
        ],
    }


def _replaced(versions: Sequence[VersionNote]) -> dict[str, Any] | None:
    """Return when another document was last accepted in the place of this one, and why it was doubted before."""
    accepted = [version for version in versions if version.accepted]
    if not accepted:
        return None
    newest = accepted[-1]
    return {"version": newest.id, "at": newest.observed_at.isoformat(), "reason": newest.accepted}


def _host(rest: Rest) -> dict[str, Any]:
    return {"host": rest.host, "left_alone_until": _moment(rest.until), "reason": rest.why}


def _alerts(store: Store) -> dict[str, int]:
    from storage.records import DeliveryState

    counts = {
        state.value: len(store.deliveries(states=[state])) + len(store.notices(states=[state]))
        for state in DeliveryState
    }
    return {state: count for state, count in counts.items() if count}


def _lines(
    documents: list[dict[str, Any]], hosts: list[dict[str, Any]], alerts: dict[str, int]
) -> Iterator[str]:
    for document in documents:
        name = f"{document['site']}/{document['document']}"
        yield f"{name}: {_words(document)}"
        yield from _remarks(document)
    for host in hosts:
        yield f"{host['host']} is left alone until {_short(host['left_alone_until'])}: {host['reason']}"
    yield f"Alerts: {', '.join(f'{count} {state}' for state, count in alerts.items()) or 'none'}."


def _without_secret(channels: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say which channels can send nothing: here, since a daemon may know secrets that this command does not."""
    if channels:
        names = ", ".join(one["channel"] for one in channels)
        reasons = "; ".join(dict.fromkeys(one["reason"] for one in channels))
        yield f"No alert can be sent from here to {names}: {reasons}. `policywatch doctor` says more."


def _saves(saves: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Say which pages an archive is still to be asked to keep, and why it does not keep them yet."""
    for save in saves[:_MOST_NAMED]:
        tried = f": {save['reason']}" if save["reason"] else f": {save['url']}"
        yield f"{save['document']} is not archived yet{tried}"
    if len(saves) > _MOST_NAMED:
        yield f"{len(saves) - _MOST_NAMED:,} more pages are not archived yet."


def _kept(names: list[str]) -> Iterator[str]:
    """Say what is in the store without being watched: imported, or gone from the configuration."""
    from monitor.cli.output import counted

    if names:
        shown = ", ".join(names[:_MOST_NAMED])
        more = f" and {len(names) - _MOST_NAMED} more" if len(names) > _MOST_NAMED else ""
        yield f"Kept, but not watched by this configuration: {counted(len(names), 'document')} ({shown}{more})."


def _words(document: dict[str, Any]) -> str:
    from monitor.cli.output import counted

    if document["last_checked_at"] is None:
        return "not checked yet"
    if document["failing_since"]:
        since = f"failing since {_short(document['failing_since'])}"
        what = f"{counted(document['failures'], 'time')} ({document['reason']}): {document['detail']}"
        return f"{since}, {what}{_next(document, 'Due again')}"
    checked = (
        f"well, checked {_short(document['last_checked_at'])}, {counted(document['versions'], 'version')}"
    )
    return f"{checked}{_next(document, ', due again')}"


def _remarks(document: dict[str, Any]) -> Iterator[str]:
    """Say what an operator should look at: another document in the place of this one, wordings that come and go."""
    if replaced := document["replaced"]:
        yield (
            f"  replaced on {replaced['at'][:10]}: the page became another document ({replaced['reason']}),"
            f" accepted as version {replaced['version']}"
        )
    if seen := document["archive_stands_in"]:
        yield f"  its site refuses us: what the archive saw on {seen[:10]} stands for it"
    if silent := document["silent_since"]:
        yield f"  the archive has nothing newer than {silent[:10]}: what the site says since then is not known"
    for variant in document["variants"]:
        yield (
            f"  a wording comes and goes: that of version {variant['version']} ({variant['first_at'][:10]}) came"
            f" {variant['times']} times, last on {variant['last_at'][:10]}"
        )


def _next(document: dict[str, Any], words: str) -> str:
    """Say when a document is due, "" for one that was checked by a program that did not plan ahead."""
    moment = document["next_check_at"]
    space = "" if words.startswith(",") else " "
    return f"{space}{words} from {_short(moment)} on" if moment else ""


def _moment(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _short(moment: str) -> str:
    return moment[:16].replace("T", " ")
