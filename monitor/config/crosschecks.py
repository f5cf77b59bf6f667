"""Mistakes that show only when keys are seen together.

The tables are read as the file gave them, so that one wrong value elsewhere hides none of these mistakes;
what has the wrong type is passed over here and reported by its own check.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from monitor.config.mistakes import nearest, wrong
from monitor.config.places import place
from monitor.config.values import is_loopback, slug_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from monitor.config.places import Path

# What keeps strangers from reading.
_PROTECTION = {"password_env", "password_file", "trusted_proxy"}
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}

Tables = list[tuple[int, dict[str, Any]]]


def crosschecks(file: Mapping[str, Any]) -> Iterator[str]:
    """Yield one line for each mistake between keys."""
    yield from _schedule(file)
    yield from _web(file)
    yield from _sites(file)
    yield from _smtp(file)
    yield from _channels(file)
    yield from _rules(file)


def _schedule(file: Mapping[str, Any]) -> Iterator[str]:
    schedule = _table(file, "schedule")
    if "every" in schedule and "cron" in schedule:
        yield "[schedule] has both 'every' and 'cron': only one of them may be given"
    digests = any(_has_daily_time(channel) for channel in _table(file, "channel").values())
    if "timezone" in schedule and "cron" not in schedule and not digests:
        yield "[schedule] has a 'timezone', which says nothing without 'cron' or a digest at a time of the day"


def _has_daily_time(channel: object) -> bool:
    return isinstance(channel, dict) and channel.get("digest") in ("daily", "weekly")


def _web(file: Mapping[str, Any]) -> Iterator[str]:
    web = _table(file, "web")
    bind = _text(web.get("bind"))
    if ":" in bind and not is_loopback(bind) and not web.keys() & _PROTECTION:
        yield (
            f"[web] lets other machines reach {bind}: it needs one of the keys 'password_env', 'password_file' and"
            " 'trusted_proxy'"
        )


def _sites(file: Mapping[str, Any]) -> Iterator[str]:
    yield from _clashes(file, ("site",), [(i, _site_id(site)) for i, site in _tables(file, "site")])
    for i, site in _tables(file, "site"):
        if _text(site.get("name")).strip() and "id" not in site and not _site_id(site):
            where = place(("site", i), file)
            yield f"{where} needs the key 'id': none can be made from the name {site['name']!r}"
        yield from _documents(file, ("site", i, "document"), _tables(site, "document"))


def _documents(file: Mapping[str, Any], home: Path, documents: Tables) -> Iterator[str]:
    ids = [(i, _text(document.get("id", document.get("type")))) for i, document in documents]
    yield from _clashes(file, home, ids)
    for i, document in documents:
        where = place((*home, i), file)
        if "url" in document and "urls" in document:
            yield f"{where} has both 'url' and 'urls': only one of them may be given"
        elif "url" not in document and "urls" not in document:
            yield f"{where} needs the key 'url', or 'urls' for a policy on several pages"
        if document.get("render") is True and document.get("source") == "archive":
            yield f"{where} has 'render', which says nothing where its pages come from an archive"


def _clashes(file: Mapping[str, Any], home: Path, ids: list[tuple[int, str]]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for i, identity in ids:
        if identity and identity in seen:
            here, there = place((*home, i), file), place((*home, seen[identity]), file)
            yield f'{here} has the id {identity!r} like {there}: give one of them an id = "..." of its own'
        seen.setdefault(identity, i)


def _smtp(file: Mapping[str, Any]) -> Iterator[str]:
    smtp = _table(file, "smtp")
    has_password = any(key in smtp for key in ("password_env", "password_file", "password"))
    yield from _one_secret("[smtp]", smtp, "password")
    if has_password and "username" not in smtp:
        yield "[smtp] needs the key 'username' beside the password"
    if "username" in smtp and not has_password:
        yield "[smtp] needs the key 'password_env' or 'password_file' beside 'username'"
    if has_password and smtp.get("security") == "none" and smtp.get("host") not in _LOOPBACK:
        expected = "'starttls' or 'tls', since a password would cross the network unencrypted"
        yield wrong(("smtp", "security"), "none", expected, file)


def _channels(file: Mapping[str, Any]) -> Iterator[str]:
    for name, channel in _table(file, "channel").items():
        if not isinstance(channel, dict):
            continue
        if channel.get("type") == "email" and "smtp" not in file:
            yield f"[channel.{name}] sends e-mail and needs the table [smtp]"
        if channel.get("type") == "email" and "at" in channel and not _has_daily_time(channel):
            yield f'[channel.{name}] has \'at\', which says nothing without digest = "daily" or "weekly"'
        yield from _one_secret(f"[channel.{name}]", channel, "secret")
        yield from _one_secret(f"[channel.{name}]", channel, "url")
        if channel.get("type") == "apprise" and not channel.keys() & {"url_env", "url_file"}:
            yield (
                f"[channel.{name}] needs the key 'url_env' or 'url_file': the address of a chat holds its secrets,"
                " so it does not stand in this file"
            )


def _one_secret(place: str, table: Mapping[str, Any], name: str) -> Iterator[str]:
    if f"{name}_env" in table and f"{name}_file" in table:
        yield f"{place} has both '{name}_env' and '{name}_file': only one of them may be given"


def _rules(file: Mapping[str, Any]) -> Iterator[str]:
    sites = [site for _, site in _tables(file, "site")]
    known = {
        "channels": ("channel", set(_table(file, "channel"))),
        "sites": ("site", {_site_id(site) for site in sites}),
        "tags": ("tag of a site", {tag for site in sites for tag in _texts(site.get("tags"))}),
    }
    for i, rule in _tables(file, "rule"):
        for key, (kind, names) in known.items():
            for name in _texts(rule.get(key)):
                if name not in names:
                    expected = f"the name of a {kind}{nearest(name, sorted(names))}"
                    yield wrong(("rule", i, key), name, expected, file)
        for name in _texts(rule.get("channels")):
            if _tells_operators_alone(_table(file, "channel").get(name)):
                where = place(("rule", i), file)
                yield f'{where} names the channel {name!r}, whose about = "operations" keeps changes from it'


def _tells_operators_alone(channel: object) -> bool:
    about = channel.get("about", []) if isinstance(channel, dict) else []
    return about == "operations" or (isinstance(about, list) and set(_texts(about)) == {"operations"})


def _site_id(site: Mapping[str, Any]) -> str:
    return _text(site.get("id", slug_of(_text(site.get("name")))))


def _table(file: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = file.get(key)
    return value if isinstance(value, dict) else {}


def _tables(file: Mapping[str, Any], key: str) -> Tables:
    value = file.get(key)
    entries = value if isinstance(value, list) else []
    return [(i, entry) for i, entry in enumerate(entries) if isinstance(entry, dict)]


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _texts(value: object) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
