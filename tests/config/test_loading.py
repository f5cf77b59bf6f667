from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from monitor.config import ConfigError
from monitor.config.loading import load_config, parse_config
from monitor.config.models import Reading
from storage.records import DocumentKey

MINIMAL = """
[policywatch]
contact = "privacy@example.org"
"""
SITE = """
[[site]]
name = "Example Shop"
[[site.document]]
type = "privacy-policy"
url = "https://shop.example/privacy"
"""
DOCUMENT = "site 1 (Example Shop), document 1 (privacy-policy)"
CHANNEL = """
[channel.tickets]
type = "webhook"
url = "https://tickets.example.org/in"
"""


def problems(content: str | bytes) -> list[str]:
    """Return the mistakes found, without the file's name, which each must begin with."""
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(ConfigError) as raised:
        parse_config(raw, Path("config.toml"))
    assert all(problem.startswith("config.toml: ") for problem in raised.value.problems)
    return [problem.removeprefix("config.toml: ") for problem in raised.value.problems]


def test_defaults_are_those_of_the_documentation(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(MINIMAL)
    config = load_config(path)
    assert config.schedule.every == timedelta(hours=6)
    assert config.schedule.confirm_after == timedelta(minutes=15)
    assert config.crawl_limits().delay_s == 2.0
    assert config.crawl_limits().max_body_bytes == 5_242_880
    assert config.crawl_limits().contact == "privacy@example.org"
    assert (config.smtp, config.channels, config.rules) == (None, {}, ())


@pytest.mark.parametrize(
    ("written", "resolved"),
    [
        ("sqlite:///policywatch.db", "sqlite:///{folder}/policywatch.db"),
        ("sqlite:///data/my watch.db", "sqlite:///{folder}/data/my watch.db"),
        ("sqlite:////var/lib/watch.db", "sqlite:////var/lib/watch.db"),
    ],
)
def test_database_is_taken_from_beside_the_file(tmp_path: Path, written: str, resolved: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'{MINIMAL}database = "{written}"')
    assert load_config(path).policywatch.database == resolved.format(folder=tmp_path)


def test_default_database_stands_beside_the_file_too(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(MINIMAL)
    assert load_config(path).policywatch.database == f"sqlite:///{tmp_path}/policywatch.db"


def test_documents_carry_keys_made_from_name_and_type() -> None:
    pages = 'type = "terms-of-service"\nurls = ["https://a.example/1", "https://a.example/2"]'
    site = '[[site]]\nname = "Café Zürich & Co."\n[[site.document]]\n' + pages
    config = parse_config(f"{MINIMAL}{SITE}{site}".encode(), Path("config.toml"))
    keys = [key for key, _, _ in config.documents()]
    assert keys == [
        DocumentKey("example-shop", "privacy-policy"),
        DocumentKey("cafe-zurich-co", "terms-of-service"),
    ]
    assert config.documents()[1][1].addresses == ("https://a.example/1", "https://a.example/2")


def test_a_page_of_the_past_is_read_by_the_selectors_of_its_time() -> None:
    earlier = """
select = "main"
[[site.document.earlier]]
until = 2024-01-01T00:00:00Z
select = ".second"
[[site.document.earlier]]
until = 2022-01-01T00:00:00+01:00
select = ".first"
remove = ".ad"
"""
    ((_, document, _),) = parse_config((MINIMAL + SITE + earlier).encode(), Path("c.toml")).documents()
    times = [(2021, 12, 31, 23), (2022, 1, 1, 0), (2024, 1, 1, 0), (2024, 1, 1, 1)]
    assert [document.reading_at(datetime(*time, tzinfo=UTC)) for time in times] == [
        Reading((".first",), (".ad",)),
        Reading((".second",)),
        Reading((".second",)),
        Reading(("main",)),
    ]


def test_one_text_stands_for_a_list_of_one() -> None:
    mail = '[smtp]\nhost = "h"\nfrom = "a@b"\n[channel.me]\ntype = "email"\nto = "a@b"'
    text = f'{MINIMAL}{SITE}select = "main"\n{mail}'
    config = parse_config(text.encode(), Path("config.toml"))
    assert config.sites[0].documents[0].select == ("main",)
    assert config.channels["me"].to == ("a@b",)  # type: ignore[union-attr]


def test_channels_say_what_they_are_about() -> None:
    hooks = "".join(
        f'[channel.{name}]\ntype = "webhook"\nurl = "https://a.example"\n{about}\n'
        for name, about in (
            ("readers", ""),
            ("both", 'about = ["operations", "changes"]'),
            ("ops", 'about = "operations"'),
        )
    )
    config = parse_config((MINIMAL + hooks).encode(), Path("config.toml"))
    assert config.readers_channels() == ("readers", "both")
    assert config.operators_channels() == ("both", "ops")
    assert config.operators.failing_after == timedelta(days=1)


@pytest.mark.parametrize(
    ("contact", "example"),
    [("you@example.org", True), ("https://www.example.com/bot", True), ("me@myexample.org", False)],
)
def test_a_contact_left_as_shipped_is_known(contact: str, example: bool) -> None:
    config = parse_config(f'[policywatch]\ncontact = "{contact}"'.encode(), Path("config.toml"))
    assert config.policywatch.contact_is_example is example


@pytest.mark.parametrize(("security", "port"), [("starttls", 587), ("tls", 465), ("none", 25)])
def test_mail_port_follows_from_the_security(security: str, port: int) -> None:
    text = f'{MINIMAL}[smtp]\nhost = "localhost"\nfrom = "a@b"\nsecurity = "{security}"'
    smtp = parse_config(text.encode(), Path("config.toml")).smtp
    assert smtp is not None
    assert smtp.port_number == port


def test_a_byte_order_mark_is_no_mistake() -> None:
    assert parse_config(b"\xef\xbb\xbf" + MINIMAL.encode(), Path("config.toml")).sites == ()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("a = 1\nb = = 2", "line 2, column 5: Invalid value"),
        ('a = "x', "line 1, column 7: Unterminated string"),
        ("[a]\nb = 1\n[a]", "line 3, column 3: Cannot declare ('a',) twice"),
        (b"a = 1\nb = '\xff'", "line 2: not UTF-8 text"),
        ("a = " + "[" * 5_000, "lists or tables are nested too deep"),
    ],
)
def test_broken_toml_names_line_and_column(content: str | bytes, problem: str) -> None:
    assert problems(content) == [problem]


def test_missing_file_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"absent\.toml: cannot be read: No such file"):
        load_config(tmp_path / "absent.toml")
    with pytest.raises(ConfigError, match="cannot be read: Is a directory"):
        load_config(tmp_path)


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", "needs the table [policywatch]"),
        ("[policywatch]", "[policywatch] needs the key 'contact'"),
        (
            '[policywatch]\ncontact = "nobody"',
            "policywatch.contact: 'nobody' - expected an e-mail address or an http or https address",
        ),
        (
            MINIMAL + 'database = "mysql://x"',
            "policywatch.database: 'mysql://x' - expected an address such as \"sqlite:///policywatch.db\"",
        ),
        (
            MINIMAL + "[crawl]\ndelai = '2s'",
            "[crawl] unknown key 'delai' (did you mean 'delay'?)",
        ),
        (MINIMAL + "[crwal]", "unknown key 'crwal' (did you mean 'crawl'?)"),
        (
            MINIMAL + "[crawl]\nspeed = 1",
            "[crawl] unknown key 'speed' (known here: delay, max_body, allow_addresses, keep, suspect_after)",
        ),
        (
            MINIMAL + SITE.replace('Shop"', 'Shop"\nselect = "main"'),
            "site 1 (Example Shop): unknown key 'select' (it belongs to [[site.document]])",
        ),
        ("site = 3\n" + MINIMAL, "site: 3 - expected tables that begin with [[site]]"),
        ("crawl = 3\n" + MINIMAL, "crawl: 3 - expected a table"),
        (
            MINIMAL + '[[site]]\nname = "A"',
            "site 1 (A) needs at least one [[site.document]] table",
        ),
        (
            MINIMAL + '[site]\nname = "A"',
            "site: a table - expected tables that begin with [[site]]",
        ),
        (
            MINIMAL + "[schedule]\nevery = 6",
            'schedule.every: 6 - expected a duration such as "2s", "15m", "6h", "2d" or "0", '
            "at most 3650 days",
        ),
        (
            MINIMAL + '[schedule]\nevery = "10s"',
            "schedule.every: '10s' - expected a duration of at least \"1m\"",
        ),
        (
            MINIMAL + '[crawl]\nmax_body = "0kB"',
            'crawl.max_body: \'0kB\' - expected a size such as "500kB" or "5MiB", more than 0',
        ),
        (
            MINIMAL + '[crawl]\nallow_addresses = ["10.0.0.1/8"]',
            "crawl.allow_addresses, entry 1: '10.0.0.1/8' - "
            'expected a network such as "127.0.0.0/8" or "fd00::/8"',
        ),
        (
            MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\nport = 70000',
            "smtp.port: 70000 - expected a whole number from 1 to 65535",
        ),
        (
            MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b\\nBcc: c@d"',
            "smtp.from: 'a@b\\nBcc: c@d' - expected an e-mail address such as \"name@example.org\"",
        ),
        (
            MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\nsender = "a@b"',
            "[smtp] unknown key 'sender' "
            "(known here: host, port, security, username, password_env, password_file, from)",
        ),
        (
            MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\nsecurity = "ssl"',
            "smtp.security: 'ssl' - expected 'starttls', 'tls' or 'none'",
        ),
        (
            MINIMAL + SITE.replace("https", "htp"),
            f"{DOCUMENT}, url: 'htp://shop.example/privacy' - expected an http or https address",
        ),
        (
            MINIMAL + SITE + 'urls = ["https://a.example"]',
            f"{DOCUMENT} has both 'url' and 'urls': only one of them may be given",
        ),
        (
            MINIMAL + SITE + 'source = "archive"\nrender = true',
            f"{DOCUMENT} has 'render', which says nothing where its pages come from an archive",
        ),
        (
            MINIMAL + SITE.replace("url =", "url_history = []\n#"),
            f"{DOCUMENT} needs the key 'url', or 'urls' for a policy on several pages",
        ),
        (
            MINIMAL + SITE + '[[site.document.earlier]]\nuntil = "2024-03-18"',
            f"{DOCUMENT}, earlier 1, until: '2024-03-18' - expected a date and time with its offset, such as"
            " 2024-03-18T18:30:09Z, without quotes",
        ),
        (
            MINIMAL + SITE + "[[site.document.earlier]]\nuntil = 2024-03-18T18:30:09",
            f"{DOCUMENT}, earlier 1, until: '2024-03-18 18:30:09' - expected a date and time"
            " with its offset, such as 2024-03-18T18:30:09Z, without quotes",
        ),
        (
            MINIMAL + SITE + '[[site.document.earlier]]\nselect = "main"',
            f"{DOCUMENT}, earlier 1 needs the key 'until'",
        ),
        (
            MINIMAL + SITE + "[[site.document.earlier]]\nuntil = 2024-03-18T18:30:09Z\nselct = 'main'",
            f"{DOCUMENT}, earlier 1: unknown key 'selct' (did you mean 'select'?)",
        ),
        (
            MINIMAL + SITE + "earlier = 7",
            f"{DOCUMENT}, earlier: 7 - expected tables that begin with [[site.document.earlier]]",
        ),
        (
            MINIMAL + SITE + 'select = "p["',
            f"{DOCUMENT}, select: 'p[' - expected a CSS selector",
        ),
        (
            MINIMAL + SITE + SITE.replace("Example Shop", "example shop!"),
            "site 2 (example shop!) has the id 'example-shop' like site 1 (Example Shop):"
            ' give one of them an id = "..." of its own',
        ),
        (
            MINIMAL + SITE + '[[site.document]]\ntype = "privacy-policy"\nurl = "https://b.example"',
            "site 1 (Example Shop), document 2 (privacy-policy) has the id 'privacy-policy' like "
            f'{DOCUMENT}: give one of them an id = "..." of its own',
        ),
        (
            MINIMAL + SITE.replace("Example Shop", "微信"),
            "site 1 (微信) needs the key 'id': none can be made from the name '微信'",
        ),
        (
            MINIMAL + '[channel.x]\ntype = "emial"',
            "channel.x.type: 'emial' - expected 'email', 'webhook' or 'apprise'",
        ),
        (
            MINIMAL + "[crawl]\ndelay = 0x" + "f" * 4_000,
            "delay: a whole number of more than 64 bits",
        ),
        (MINIMAL + "[channel.x]", "[channel.x] needs the key 'type'"),
        (MINIMAL + "[channel]\nx = 3", "channel.x: 3 - expected a table"),
        (
            MINIMAL + '[channel.x]\ntype = "email"\nto = "a@b"',
            "[channel.x] sends e-mail and needs the table [smtp]",
        ),
        (
            MINIMAL + CHANNEL + 'secret_env = "A"\nsecret_file = "b"',
            "[channel.tickets] has both 'secret_env' and 'secret_file': only one of them may be given",
        ),
        (
            MINIMAL + CHANNEL + 'about = ["changes", "rumours"]',
            "channel.tickets.about, entry 2: 'rumours' - expected 'changes' or 'operations'",
        ),
        (
            MINIMAL + CHANNEL + 'about = "operations"\n[[rule]]\nname = "R"\nchannels = ["tickets"]',
            "rule 1 (R) names the channel 'tickets', whose about = \"operations\" keeps changes from it",
        ),
        (
            MINIMAL + '[channel.chat]\ntype = "apprise"',
            "[channel.chat] needs the key 'url_env' or 'url_file': the address of a chat holds its secrets,"
            " so it does not stand in this file",
        ),
        (
            MINIMAL + '[channel.chat]\ntype = "apprise"\nurl_env = "A"\nurl_file = "b"',
            "[channel.chat] has both 'url_env' and 'url_file': only one of them may be given",
        ),
        (
            MINIMAL + '[channel.chat]\ntype = "apprise"\nurl_env = "slack://hunter2/"',
            "channel.chat.url_env: (value not shown) - expected the name of an environment variable,"
            " not its value",
        ),
        (
            MINIMAL + "[operators]\nfailing_after = 3",
            "operators.failing_after: 3 - expected a duration such as "
            '"2s", "15m", "6h", "2d" or "0", at most 3650 days',
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\nchannels = ["ticket"]',
            "rule 1 (R), channels: 'ticket' - expected the name of a channel (did you mean 'tickets'?)",
        ),
        (
            MINIMAL
            + CHANNEL
            + SITE
            + '[[rule]]\nname = "R"\nsites = ["exampleshop"]\nchannels = ["tickets"]',
            "rule 1 (R), sites: 'exampleshop' - expected the name of a site (did you mean 'example-shop'?)",
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\nmatch = "("\nchannels = ["tickets"]',
            "rule 1 (R), match: '(' - "
            "expected a regular expression (missing ), unterminated subpattern at position 0)",
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\nmatch = ""\nchannels = ["tickets"]',
            "rule 1 (R), match: '' - expected a regular expression that is not found in an empty text",
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\nmatch = "never share|"\nchannels = ["tickets"]',
            "rule 1 (R), match: 'never share|' - expected a regular expression that is not found in an empty text",
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\ntopics = "sale"\nchannels = ["tickets"]',
            'rule 1 (R), topics: \'sale\' - expected a list, with its entries in brackets: ["...", "..."]',
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\nchannels = "tickets"',
            'rule 1 (R), channels: \'tickets\' - expected a list, with its entries in brackets: ["...", "..."]',
        ),
        (
            MINIMAL + CHANNEL + 'secret_env = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"',
            "channel.tickets.secret_env: (value not shown) - "
            "expected the name of an environment variable, not its value",
        ),
        (
            MINIMAL + CHANNEL + '[[rule]]\nname = "R"\nchannels = []',
            "rule 1 (R), channels: an empty list - expected at least one entry",
        ),
    ],
)
def test_a_mistake_names_key_value_and_what_was_expected(content: str, problem: str) -> None:
    assert problems(content) == [problem]


def test_entries_are_counted_from_one_and_named_as_people_know_them() -> None:
    second = """
[[site]]
name = "Other"
[[site.document]]
type = "terms-of-service"
url = "https://other.example/terms"
[[site.document]]
url = "https://other.example/private/path?key=hunter2"
select = ["main", "p["]
"""
    assert set(problems(MINIMAL + SITE + second)) == {
        "site 2 (Other), document 2 (other.example) needs the key 'type'",
        "site 2 (Other), document 2 (other.example), select, entry 2: 'p[' - expected a CSS selector",
    }


def test_what_could_be_a_password_and_what_would_break_the_line_name_no_entry() -> None:
    at_fault = problems(f'{MINIMAL}[[site]]\nname = "user:hunter2@host"\n[[site]]\nname = "A\\nB\\u001b[31m"')
    assert not [problem for problem in at_fault if "hunter2" in problem or not problem.isprintable()]
    assert "site 1 needs at least one [[site.document]] table" in at_fault
    assert "site 2 (A B[31m) needs at least one [[site.document]] table" in at_fault


@pytest.mark.parametrize("url", ["hunter2/x@host/", "me:hunter2@host/", "hunter2?@host/", "hunter2#a@host/"])
def test_no_part_of_an_address_that_may_be_a_password_is_shown(url: str) -> None:
    at_fault = problems(f'{MINIMAL}[[site]]\nname = "A"\n[[site.document]]\nurl = "https://{url}"')
    assert at_fault
    assert not [problem for problem in at_fault if "hunter2" in problem]


def test_an_unknown_topic_names_the_nearest() -> None:
    rule = '[[rule]]\nname = "R"\ntopics = ["retenton"]\nchannels = ["tickets"]'
    (problem,) = problems(MINIMAL + CHANNEL + rule)
    assert problem.startswith("rule 1 (R), topics, entry 1: 'retenton' - expected 'collection', 'use', ")
    assert problem.endswith("(did you mean 'retention'?)")


def test_a_pattern_without_end_is_refused() -> None:
    rule = f'[[rule]]\nname = "R"\nmatch = "{"x" * 501}"\nchannels = ["tickets"]'
    (problem,) = problems(MINIMAL + CHANNEL + rule)
    assert problem.endswith("expected a pattern of at most 500 characters")
    assert len(problem) < 200


def test_ten_mistakes_are_told_together() -> None:
    content = """
        surprise = 1
        [policywatch]
        contact = "x"
        databse = "y"
        [schedule]
        every = "soon"
        [crawl]
        max_body = 5
        [[site]]
        name = "A"
        [[site.document]]
        type = "privacy-policy"
        url = "ftp://a.example"
        [[site]]
        name = "a"
        document = []
        [channel.mail]
        type = "email"
        [[rule]]
        name = "R"
        directions = ["worse"]
        channels = ["post"]
        """
    found = problems(content)
    assert len(found) == 12
    for words in ("surprise", "contact", "databse", "every", "max_body", "'ftp:", "document", "the id 'a'"):
        assert sum(words in problem for problem in found) >= 1, words
    for words in ("needs the key 'to'", "needs the table [smtp]", "'worse'", "'post'"):
        assert sum(words in problem for problem in found) == 1, words


@pytest.mark.parametrize(
    "content",
    [
        '[policywatch]\ncontact = "https://me:hunter2@example.org/"',
        '[policywatch]\ncontact = "me:hunter2@"',
        MINIMAL + 'database = "postgresql://me:hunter2@db.example/policies"',
        MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\npassword = "hunter2"',
        MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\nusername = "u"\npassword_env = "hunter2!"',
        MINIMAL + SITE.replace("https://", "https://me:hunter2@"),
        MINIMAL + SITE.replace("https://", "htp://me:hunter2@"),
        MINIMAL + CHANNEL.replace("https://", "htp://hunter2."),
        MINIMAL + CHANNEL + 'secret = "hunter2"',
        MINIMAL + CHANNEL + 'token = "hunter2"',
        MINIMAL + CHANNEL + "secret_env = 'hunter2 3'",
        MINIMAL + CHANNEL + 'secret_env = "whsec_hunter2"',
        MINIMAL + CHANNEL.replace("webhook", "apprise") + 'url_env = "xoxb_hunter2"',
    ],
)
def test_no_error_repeats_a_secret(content: str) -> None:
    found = problems(content)
    assert found
    assert not any("hunter2" in problem for problem in found)


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (
            MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\nusername = "u"\npassword = "p"',
            "[smtp] 'password' - no secret stands in this file: "
            'use password_env = "NAME" or password_file = "PATH"',
        ),
        (
            MINIMAL + '[channel.chat]\ntype = "apprise"\nurl_env = "A"\nurl = "slack://p"',
            "[channel.chat] 'url' - no secret stands in this file: "
            'use url_env = "NAME" or url_file = "PATH"',
        ),
        (
            MINIMAL + CHANNEL + 'secret = "p"',
            "[channel.tickets] 'secret' - no secret stands in this file: "
            'use secret_env = "NAME" or secret_file = "PATH"',
        ),
        (
            MINIMAL + '[smtp]\nhost = "mail.example"\nfrom = "a@b"\nusername = "u"\npassword_env = "P"\n'
            'security = "none"',
            "smtp.security: 'none' - expected 'starttls' or 'tls', "
            "since a password would cross the network unencrypted",
        ),
        (
            MINIMAL + '[smtp]\nhost = "h"\nfrom = "a@b"\nusername = "u"',
            "[smtp] needs the key 'password_env' or 'password_file' beside 'username'",
        ),
    ],
)
def test_passwords_have_their_own_advice(content: str, advice: str) -> None:
    assert problems(content) == [advice]


def test_the_configuration_cannot_be_altered() -> None:
    config = parse_config(MINIMAL.encode(), Path("config.toml"))
    with pytest.raises(ValueError, match="frozen"):
        config.crawl.delay = timedelta(0)  # type: ignore[misc]


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        (
            'every = "6h"\ncron = "0 6 * * *"',
            "[schedule] has both 'every' and 'cron': only one of them may be given",
        ),
        (
            'timezone = "Europe/Berlin"',
            "[schedule] has a 'timezone', which says nothing without 'cron' or a digest at a time of the day",
        ),
    ],
)
def test_schedules_that_contradict_themselves(keys: str, problem: str) -> None:
    assert problems(f"{MINIMAL}[schedule]\n{keys}") == [problem]


def test_other_machines_want_a_password_or_a_proxy() -> None:
    open_to_all = f'{MINIMAL}[web]\nbind = "0.0.0.0:8000"\n'
    assert problems(open_to_all) == [
        "[web] lets other machines reach 0.0.0.0:8000: it needs one of the keys 'password_env', 'password_file' and"
        " 'trusted_proxy'"
    ]
    config = parse_config(f'{open_to_all}trusted_proxy = "10.0.0.5"\n'.encode(), Path("config.toml"))
    assert config.web.address == ("0.0.0.0", 8000)
    assert config.web.trusted_proxy == ("10.0.0.5/32",)
