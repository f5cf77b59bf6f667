"""The read-only API: the data of pages under stable addresses, lists of changes by question, and their description."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, get_args

from monitor.overdue import State
from monitor.web import changelog, finding, ledger, objects, texts
from monitor.web.page import Asked, BadQuestionError, Page
from storage.browsing import Wanted
from storage.confirmations import Confirmation

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LARGEST_LIMIT = 100
_LARGEST_OFFSET = 1_000_000


def changes(asked: Asked) -> Page:
    """Return what versions brought, newest first, by site, document, topic, direction and time."""
    query = asked.query
    wanted = Wanted(
        site=query.get("site"),
        document=query.get("document"),
        topic=_one_of("topic", query.get("topic"), changelog.TOPICS),
        direction=_one_of("direction", query.get("direction"), changelog.DIRECTIONS),
        since=_time(query.get("since")),
    )
    limit = _number("limit", query.get("limit", "20"), 1, _LARGEST_LIMIT)
    offset = _number("offset", query.get("offset", "0"), 0, _LARGEST_OFFSET)
    items = asked.store.browse.news(wanted, limit=limit, offset=offset)
    data = {
        "count": asked.store.browse.news_count(wanted),
        "news": [objects.news_object(item) for item in items],
    }
    return Page("Changes", "listed", data)


VIEWS: Mapping[str, Callable[[Asked], Page]] = {
    "sites": changelog.sites,
    "sites/{site}": changelog.site,
    "sites/{site}/{document}": changelog.document,
    "commitments/{site}/{document}": ledger.ledger,
    "changes": changes,
    "versions/{version}": texts.version,
    "versions/{version}/changes/{place}": changelog.change,
    "compare/{old}/{new}": texts.compared,
    "search": finding.search,
    "health": finding.health,
}


def _one_of(name: str, value: str | None, allowed: tuple[str, ...]) -> str | None:
    if value is not None and value not in allowed:
        raise BadQuestionError(f"'{name}' is one of {', '.join(allowed)}.")
    return value


def _number(name: str, written: str, least: int, largest: int) -> int:
    fits = written.isascii() and written.isdigit() and len(written) <= 7
    if not fits or not least <= int(written) <= largest:
        raise BadQuestionError(f"'{name}' is a whole number from {least} to {largest}.")
    return int(written)


def _time(written: str | None) -> datetime | None:
    if written is None:
        return None
    try:
        at = datetime.fromisoformat(written)
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        # Also what no calendar of UTC has.
        return at.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadQuestionError(
            "'since' is a day or a time such as 2026-01-31 or 2026-01-31T12:00:00Z."
        ) from error


_TEXT = {"type": "string"}
_TEXT_OR_NONE = {"type": ["string", "null"]}
_COUNT = {"type": "integer", "minimum": 0}
_ID = {"type": "integer", "minimum": 1}
_MOMENT = {"type": "string", "format": "date-time"}
_MOMENT_OR_NONE = {"type": ["string", "null"], "format": "date-time"}
_WAYS = dict.fromkeys(changelog.DIRECTIONS, _COUNT)
_COUNTS = {**_WAYS, "not_analysed": _COUNT}
_DATES = {"type": ["object", "null"]}
_CONFIRMATION = {
    "enum": list(get_args(Confirmation)),
    "description": "Whether a further fetch has shown that what the version changed stays: 'held' until then,"
    " 'withdrawn' where it was taken back before. Feeds and alerts tell what is 'confirmed'.",
}
_TOLD_AT = {**_MOMENT_OR_NONE, "description": "When feeds told of it: null unless it is confirmed."}
_SLUG = {"type": "string", "pattern": "^[a-z0-9]([a-z0-9-]{0,98}[a-z0-9])?$"}
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 10**15 - 1}


def _object(**properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(of: str) -> dict[str, Any]:
    return {"type": "array", "items": _ref(of)}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


_SCHEMAS: dict[str, Any] = {
    "Error": _object(title=_TEXT, error=_TEXT),
    "Site": _object(
        site=_TEXT, name=_TEXT, documents=_COUNT, versions=_COUNT, **_COUNTS, since=_MOMENT_OR_NONE,
        changed_at=_MOMENT_OR_NONE, watched=_COUNT, failing=_COUNT, well=_COUNT,
    ),
    "Document": _object(
        site=_TEXT, site_name=_TEXT, document=_TEXT, title=_TEXT, versions=_COUNT, **_COUNTS, since=_MOMENT_OR_NONE,
        latest_at=_MOMENT_OR_NONE, latest_version={"type": ["integer", "null"]}, watched={"type": "boolean"},
        state={"enum": list(get_args(State))},
        last_checked_at=_MOMENT_OR_NONE, last_ok_at=_MOMENT_OR_NONE, silent_since=_MOMENT_OR_NONE,
        failing_since=_MOMENT_OR_NONE, failures=_COUNT,
        reason=_TEXT_OR_NONE, detail=_TEXT_OR_NONE, next_check_at=_MOMENT_OR_NONE,
    ),
    "Version": _object(
        version=_ID, site=_TEXT, document=_TEXT, title=_TEXT, observed_at=_MOMENT,
        source={"enum": ["live", "archive"]}, upgrade={"type": "boolean"}, accepted=_TEXT_OR_NONE,
        confirmation=_CONFIRMATION, words={"type": ["integer", "null"]},
        reading_minutes=_COUNT, **_COUNTS,
    ),
    "Change": _object(
        address=_TEXT, place=_ID, material={"type": "boolean"}, section=_TEXT, section_before=_TEXT, before=_TEXT,
        after=_TEXT, summary=_TEXT, noise=_TEXT_OR_NONE, upgrade={"type": "boolean"}, not_analysed={"type": "boolean"},
    ),
    "News": _object(version=_ID, previous_version=_ID, site=_TEXT, document=_TEXT, observed_at=_MOMENT, **_COUNTS,
                    confirmation=_CONFIRMATION, told_at=_TOLD_AT, back_to=_MOMENT_OR_NONE, gap_before=_DATES,
                    changes=_list("Change")),
    "Capture": _object(url=_TEXT, final_url=_TEXT, link=_TEXT_OR_NONE, fetched_at=_MOMENT, source=_TEXT, sha256=_TEXT,
                       rendered=_TEXT_OR_NONE, suspect=_TEXT_OR_NONE),
    "Hit": _object(site=_TEXT, document=_TEXT, line=_TEXT, since=_MOMENT, since_version=_ID, until=_MOMENT_OR_NONE,
                   watched={"type": "boolean"}, last_version=_ID),
    "Sites": _object(title=_TEXT, sites=_list("Site")),
    "SiteChangelog": _object(title=_TEXT, documents=_list("Document"), page=_ID, pages=_ID, news=_list("News"),
                             replacements=_list("Version"), without_meaning=_COUNT),
    "DocumentChangelog": _object(title=_TEXT, document=_ref("Document"), all_versions=_list("Version"),
                                 news=_list("News"), replacements=_list("Version"), without_meaning=_COUNT),
    "Entry": _object(topic=_TEXT, stance=_TEXT, text=_TEXT, section=_TEXT, since=_MOMENT,
                     since_at_least={"type": "boolean"}, gap_before={"type": ["object", "null"]},
                     in_these_words={"type": ["object", "null"]}, until=_MOMENT_OR_NONE,
                     history={"type": "array"}),
    "Ledger": _object(title=_TEXT, document=_ref("Document"), standing=_list("Entry"), gone=_list("Entry")),
    "Changes": _object(title=_TEXT, count=_COUNT, news=_list("News")),
    "Save": _object(url=_TEXT, state={"enum": ["wanted", "saved", "given-up"]}, address=_TEXT_OR_NONE,
                    link=_TEXT_OR_NONE, attempts=_COUNT, reason=_TEXT_OR_NONE),
    "WholeVersion": _object(title=_TEXT, version=_ref("Version"), evidence=_list("Capture"), archived=_list("Save"),
                            back_to=_MOMENT_OR_NONE, gap_before=_DATES, dates=_DATES,
                            changes=_list("Change"), commitments={"type": "array"}, text=_TEXT),
    "OneChange": _object(title=_TEXT, change=_ref("Change"), version=_ref("Version"), evidence=_list("Capture"),
                         archived=_list("Save"), back_to=_MOMENT_OR_NONE, gap_before=_DATES, dates=_DATES),
    "Compared": _object(title=_TEXT, old=_ref("Version"), new=_ref("Version"), rows={"type": "array"},
                        changes=_list("Change"), upgrades=_list("Version")),
    "Found": _object(title=_TEXT, query=_TEXT, more={"type": "boolean"}, hits=_list("Hit")),
    "Health": _object(title=_TEXT, watched=_COUNT, well=_COUNT, overdue=_COUNT, silent=_COUNT,
                      never_checked=_COUNT, failing=_COUNT, documents=_list("Document"),
                      channels=_list("Deliveries")),
    "Deliveries": _object(channel={**_TEXT_OR_NONE, "description": "Null where [web] show_channels is not set."},
                          state=_TEXT, deliveries=_COUNT, last_sent_at=_MOMENT_OR_NONE),
}  # fmt: skip


def _operation(name: str, summary: str, answer: str, *parameters: dict[str, Any]) -> dict[str, Any]:
    problem = {
        "description": "It cannot be answered.",
        "content": {"application/json": {"schema": _ref("Error")}},
    }
    good = {"description": summary, "content": {"application/json": {"schema": _ref(answer)}}}
    answers = {"200": good, "400": problem, "404": problem, "503": problem}
    return {
        "get": {"operationId": name, "summary": summary, "parameters": list(parameters), "responses": answers}
    }


def _at(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


def _by(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "query", "schema": schema}


_PATHS = {
    "/sites": _operation("sites", "All sites, in numbers.", "Sites"),
    "/sites/{site}": _operation("site", "A site with its newest changes.", "SiteChangelog", _at("site", _SLUG)),
    "/sites/{site}/{document}": _operation(
        "document", "A document with its versions.", "DocumentChangelog", _at("site", _SLUG), _at("document", _SLUG)
    ),
    "/commitments/{site}/{document}": _operation(
        "commitments", "The ledger of a document.", "Ledger", _at("site", _SLUG), _at("document", _SLUG)
    ),
    "/changes": _operation(
        "changes", "What versions brought, newest first.", "Changes",
        _by("site", _TEXT), _by("document", _TEXT),
        _by("topic", {"enum": list(changelog.TOPICS)}), _by("direction", {"enum": list(changelog.DIRECTIONS)}),
        _by("since", {"anyOf": [{"type": "string", "format": kind} for kind in ("date", "date-time")]}),
        _by("limit", {"type": "integer", "minimum": 1, "maximum": _LARGEST_LIMIT, "default": 20}),
        _by("offset", {"type": "integer", "minimum": 0, "maximum": _LARGEST_OFFSET, "default": 0}),
    ),
    "/versions/{version}": _operation(
        "version", "A version with its text, commitments and evidence.", "WholeVersion", _at("version", _NUMBER)
    ),
    "/versions/{version}/changes/{place}": _operation(
        "change", "One change with its evidence.", "OneChange", _at("version", _NUMBER), _at("place", _NUMBER)
    ),
    "/compare/{old}/{new}": _operation(
        "compare", "Two versions, paragraph by paragraph.", "Compared", _at("old", _NUMBER), _at("new", _NUMBER)
    ),
    "/search": _operation(
        "search", "Lines of all versions in which words stand.", "Found",
        _by("q", {"type": "string", "maxLength": 200}), _by("site", _TEXT),
    ),
    "/health": _operation("health", "How checks and deliveries go.", "Health"),
}  # fmt: skip


def description() -> dict[str, Any]:
    """Return the description of the API, OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "policywatch",
            "version": version("policywatch"),
            "description": "What websites promise in their policies, and what they changed. Read-only.",
        },
        "servers": [{"url": "."}],
        "paths": _PATHS,
        "components": {"schemas": _SCHEMAS},
    }
