"""What config.toml says, as frozen objects; a key is named here as in the file unless an alias is given."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from crawler.archive.pace import Pace
from crawler.records import CrawlLimits, Rendering
from monitor.alerts.digest import Digest, Rhythm
from monitor.comparison.changes import Direction, Severity, Topic  # noqa: TC001  pydantic reads annotations
from monitor.config import values
from storage.records import DocumentKey

_SQLITE = "sqlite:///"


def _beside_file(path: str, info: ValidationInfo) -> Path:
    """Take a relative path as seen from the folder of the file that names it."""
    folder: Path = (info.context or {}).get("folder", Path())
    return (folder / path).absolute()


def _database(value: str, info: ValidationInfo) -> str:
    if not value.startswith(_SQLITE) or not value.removeprefix(_SQLITE).strip("/"):
        raise ValueError('an address such as "sqlite:///policywatch.db"')
    return f"{_SQLITE}{_beside_file(value.removeprefix(_SQLITE), info)}"


def _file(value: object, info: ValidationInfo) -> Path:
    if not isinstance(value, str) or not value or "\0" in value:
        raise ValueError("the path of a file")
    return _beside_file(value, info)


def _with_id(table: object, source: str) -> object:
    """Give a table without an id the one that its name or type makes, if that makes any."""
    if isinstance(table, dict) and isinstance(table.get(source), str) and values.slug_of(table[source]):
        return {"id": values.slug_of(table[source]), **table}
    return table


NOT_EMPTY = AfterValidator(values.not_empty)

Database = Annotated[str, AfterValidator(_database)]
SecretFile = Annotated[Path, BeforeValidator(_file)]
EnvironmentName = Annotated[str, AfterValidator(values.environment_name)]
Duration = Annotated[timedelta, BeforeValidator(values.duration)]
Persistence = Annotated[values.Persistence, BeforeValidator(values.persistence)]
Interval = Annotated[timedelta, BeforeValidator(values.interval)]
Cron = Annotated[str, AfterValidator(values.cron)]
Timezone = Annotated[str, AfterValidator(values.timezone)]
ListeningAddress = Annotated[str, AfterValidator(values.listening_address)]
Size = Annotated[int, BeforeValidator(values.size_bytes)]
Port = Annotated[int, BeforeValidator(values.port)]
Network = Annotated[str, BeforeValidator(values.network)]
Contact = Annotated[str, AfterValidator(values.contact)]
Host = Annotated[str, AfterValidator(values.host)]
Email = Annotated[str, AfterValidator(values.email_address)]
Url = Annotated[str, AfterValidator(values.web_address)]
PagesUrl = Annotated[str, AfterValidator(values.pages_url)]
ArchiveBase = Annotated[str, AfterValidator(values.archive_base)]
PerMinute = Annotated[int, BeforeValidator(values.per_minute)]
Line = Annotated[str, AfterValidator(values.line)]
Slug = Annotated[str, AfterValidator(values.slug)]
Language = Annotated[str, AfterValidator(values.language)]
Selector = Annotated[str, AfterValidator(values.selector)]
Pattern = Annotated[str, AfterValidator(values.pattern)]
TimeOfDay = Annotated[time, BeforeValidator(values.time_of_day)]
Moment = Annotated[datetime, BeforeValidator(values.moment)]
Selectors = Annotated[tuple[Selector, ...], BeforeValidator(values.one_or_more)]


@dataclass(frozen=True)
class Reading:
    """Where in a page the policy stands: CSS of its parts, and of what is cut out of them."""

    select: tuple[str, ...] = ()
    remove: tuple[str, ...] = ()


class Table(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Policywatch(Table):
    """[policywatch]: where history is kept, and who answers for the crawler."""

    # An absolute address after reading: "sqlite:////var/lib/policywatch.db".
    database: Database = Field(default="sqlite:///policywatch.db", validate_default=True)
    contact: Contact

    @property
    def contact_is_example(self) -> bool:
        """Whether nobody has put a contact of their own into the file yet (names reserved by RFC 2606)."""
        return re.search(r"[@./]example\.(org|com|net)\b", self.contact) is not None


class Schedule(Table):
    """[schedule]: how often every document is checked."""

    every: Interval = timedelta(hours=6)
    # In the place of `every`: times of the day, by the clocks of the time zone.
    cron: Cron | None = None
    timezone: Timezone = "UTC"
    # A check is at most so much later than its time.
    jitter: Duration = timedelta(minutes=10)
    # A change is fetched once more after this time before its alert goes; nothing is confirmed where it is 0.
    confirm_after: Duration = timedelta(minutes=15)


class Crawl(Table):
    """[crawl]: how politely and how much is fetched."""

    delay: Duration = timedelta(seconds=2)
    # In bytes, after decompression.
    max_body: Size = 5 * 2**20
    allow_addresses: tuple[Network, ...] = ()
    # Which captures are kept: those of versions, suspect ones and the newest of each page, or every one.
    keep: Literal["versions", "all"] = "versions"
    # A page that is no longer the document is accepted in its place when it has stayed for so long.
    suspect_after: Persistence = values.Persistence(3, timedelta(days=2))


class Web(Table):
    """[web]: where the daemon answers about itself, and who reads the pages."""

    # Anything but loopback wants a password or a trusted proxy.
    bind: ListeningAddress = "127.0.0.1:8000"
    # For the pages of `serve`, which may listen elsewhere: wanted of every reader where one is named.
    password_env: EnvironmentName | None = None
    password_file: SecretFile | None = None
    # Networks of the reverse proxies that decide who reads: nobody else is answered.
    trusted_proxy: Annotated[tuple[Network, ...], BeforeValidator(values.one_or_more)] = ()
    # Names by which readers may ask, beside those of this machine.
    hosts: Annotated[tuple[Host, ...], BeforeValidator(values.one_or_more)] = ()
    # Where readers find the pages, for the addresses in feeds: a proxy may put them below another path.
    url: PagesUrl | None = None
    # Whether the page of health names the channels to whoever reads it.
    show_channels: bool = False

    @property
    def address(self) -> tuple[str, int]:
        """The host name or address, and the port."""
        host, _, port = self.bind.rpartition(":")
        return host.strip("[]"), int(port)


class Archive(Table):
    """[archive]: where the past of a page is looked for, and how often a minute it may be asked."""

    base: ArchiveBase = "https://web.archive.org"
    # What runs there: pywb spells its addresses in its own way, and `base` names the collection with it.
    software: Literal["wayback", "pywb"] = "wayback"
    # The defaults are what the Internet Archive takes of a stranger; an archive of one's own takes more.
    searches_per_minute: PerMinute = 24
    captures_per_minute: PerMinute = 60
    # Whether the archive is asked to save a page in which a material change was found.
    save_on_change: bool = False


class Smtp(Table):
    """[smtp]: the server that takes our e-mail."""

    host: Host
    port: Port | None = None
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: Line | None = None
    password_env: EnvironmentName | None = None
    password_file: SecretFile | None = None
    sender: Email = Field(alias="from")

    @property
    def port_number(self) -> int:
        """The port, by default the one that belongs to the kind of security (RFC 8314, RFC 5321)."""
        return self.port or {"starttls": 587, "tls": 465, "none": 25}[self.security]


class EarlierConfig(Table):
    """[[site.document.earlier]]: where in its pages a policy stood up to some time, for captures of the past."""

    # The time of the last capture that it holds for.
    until: Moment
    select: Selectors = ()
    remove: Selectors = ()


class DocumentConfig(Table):
    """[[site.document]]: one policy and the addresses where it stands."""

    type: Slug
    id: Slug = ""
    url: Url | None = None
    urls: Annotated[tuple[Url, ...], NOT_EMPTY] | None = None
    url_history: tuple[Url, ...] = ()
    # Where its text is looked for with each check: an archive's newest capture, always or when the site refuses us.
    source: Literal["live", "archive", "live-then-archive"] = "live"
    language: Language | None = None
    # Whether its pages are built by their scripts, which are run in Chromium.
    render: bool = False
    # CSS: the parts that are the policy, and what is cut out of them.
    select: Selectors = ()
    remove: Selectors = ()
    earlier: tuple[EarlierConfig, ...] = ()

    @model_validator(mode="before")
    @classmethod
    def _default_id(cls, table: object) -> object:
        return _with_id(table, "type")

    def reading_at(self, at: datetime) -> Reading:
        """Return where the policy stands in a page that was captured at a time."""
        then = [earlier for earlier in self.earlier if at <= earlier.until]
        valid = min(then, key=lambda earlier: earlier.until) if then else self
        return Reading(valid.select, valid.remove)

    @property
    def rendering(self) -> Rendering | None:
        """How scripts build its pages, None where they are read as they come."""
        return Rendering(self.language, ", ".join(self.select) or None) if self.render else None

    @property
    def addresses(self) -> tuple[str, ...]:
        """The pages of the policy, in their order."""
        return self.urls or ((self.url,) if self.url else ())


class SiteConfig(Table):
    """[[site]]: an organisation's service and its documents."""

    name: Line
    id: Slug = ""
    tags: tuple[Line, ...] = ()
    documents: Annotated[tuple[DocumentConfig, ...], NOT_EMPTY] = Field(alias="document")

    @model_validator(mode="before")
    @classmethod
    def _default_id(cls, table: object) -> object:
        return _with_id(table, "name")


class Operators(Table):
    """[operators]: when those are told who look after policywatch itself."""

    # A document may fail or be suspect for so long.
    failing_after: Duration = timedelta(days=1)


# What a channel tells: what sites changed, and how our own work goes.
Matter = Literal["changes", "operations"]


class ChannelTable(Table):
    """What every [channel.NAME] may say."""

    about: Annotated[tuple[Matter, ...], BeforeValidator(values.one_or_more), NOT_EMPTY] = ("changes",)


class EmailChannel(ChannelTable):
    """[channel.NAME] with type = "email"."""

    type: Literal["email"]
    to: Annotated[tuple[Email, ...], BeforeValidator(values.one_or_more), NOT_EMPTY]
    digest: Rhythm = "none"
    # The time of a daily digest, and of a weekly one on Mondays, by the clocks of schedule.timezone.
    at: TimeOfDay = time(8)


class WebhookChannel(ChannelTable):
    """[channel.NAME] with type = "webhook"."""

    type: Literal["webhook"]
    # May hold a secret in its path: it never stands in an error or a log.
    url: Url
    secret_env: EnvironmentName | None = None
    secret_file: SecretFile | None = None


class AppriseChannel(ChannelTable):
    """[channel.NAME] with type = "apprise": chat and all else that Apprise reaches by HTTP."""

    type: Literal["apprise"]
    # Its address holds tokens and passwords, so it is never in the file.
    url_env: EnvironmentName | None = None
    url_file: SecretFile | None = None


Channel = Annotated[EmailChannel | WebhookChannel | AppriseChannel, Field(discriminator="type")]


class Rule(Table):
    """[[rule]]: which changes go to which channels; all that is given must hold, the rest does not matter."""

    name: Line
    topics: tuple[Topic, ...] = ()
    directions: tuple[Direction, ...] = ()
    min_severity: Severity = "low"
    sites: tuple[Slug, ...] = ()
    tags: tuple[Line, ...] = ()
    match: Pattern | None = None
    channels: Annotated[tuple[str, ...], NOT_EMPTY]


class Config(Table):
    """The whole file."""

    policywatch: Policywatch
    schedule: Schedule = Schedule()
    crawl: Crawl = Crawl()
    web: Web = Web()
    archive: Archive = Archive()
    smtp: Smtp | None = None
    operators: Operators = Operators()
    sites: tuple[SiteConfig, ...] = Field(default=(), alias="site")
    channels: dict[Slug, Channel] = Field(default={}, alias="channel")
    rules: tuple[Rule, ...] = Field(default=(), alias="rule")

    def documents(self) -> list[tuple[DocumentKey, DocumentConfig, SiteConfig]]:
        """Return every document with its key and its site, in the order of the file."""
        return [
            (DocumentKey(site.id, document.id), document, site)
            for site in self.sites
            for document in site.documents
        ]

    def digests(self) -> dict[str, Digest]:
        """Return when each channel is told that is not told at once."""
        zone = self.schedule.timezone
        return {
            name: Digest(channel.digest, channel.at, zone)
            for name, channel in self.channels.items()
            if isinstance(channel, EmailChannel) and channel.digest != "none"
        }

    def readers_channels(self) -> tuple[str, ...]:
        """Return the channels that are told what sites changed, in the order of the file."""
        return tuple(name for name, channel in self.channels.items() if "changes" in channel.about)

    def operators_channels(self) -> tuple[str, ...]:
        """Return the channels that are told how our own work goes, in the order of the file."""
        return tuple(name for name, channel in self.channels.items() if "operations" in channel.about)

    def archive_pace(self) -> Pace:
        """Return how often the archive may be asked."""
        return Pace(self.archive.searches_per_minute, self.archive.captures_per_minute)

    def crawl_limits(self) -> CrawlLimits:
        """Return what the crawler needs to know."""
        return CrawlLimits(
            contact=self.policywatch.contact,
            delay_s=self.crawl.delay.total_seconds(),
            max_body_bytes=self.crawl.max_body,
            allow_addresses=self.crawl.allow_addresses,
        )
