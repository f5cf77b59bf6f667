"""No words of strangers run in a real Chromium: not on a page, in a feed, in an e-mail, or in an export."""

from __future__ import annotations

import re
from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest

from monitor.alerts.alert import Alert
from monitor.alerts.email import build_email
from monitor.comparison.changes import Change
from monitor.exporting.histories import histories
from monitor.exporting.run import export
from storage import open_store
from storage.records import DocumentKey
from tests.storage.samples import START
from tests.web.browsers import chromium, listened, needs_chromium
from tests.web.history import HOSTILE
from tests.web.payloads import ADDRESSES, MARK, PAYLOADS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.web.browsers import Heard
    from tests.web.conftest import Reader

pytestmark = needs_chromium


SENDER, TO = "watch@example.org", ["legal@example.org"]


@pytest.fixture(scope="module")
def tab() -> Iterator[tuple[Any, Heard]]:
    """A tab of a browser that obeys no policy of content: escaping alone has to hold.

    It shows one page after the other: opening a tab takes longer than all that is tried there.
    """
    with chromium() as browser:
        context = browser.new_context(bypass_csp=True)
        page = context.new_page()
        yield page, listened(page)
        context.close()


def tried(tab: tuple[Any, Heard], url: str) -> tuple[str, Heard]:
    """Go to a page and touch all of it; return what ran, and all that was heard until it was left."""
    page, heard = tab
    page.goto(url)
    page.evaluate(
        """() => {
            for (const element of document.querySelectorAll('*')) {
                if (element.localName === 'details') element.open = true;
                for (const type of ['mouseover', 'pointerover', 'focus', 'toggle', 'load', 'error'])
                    element.dispatchEvent(new Event(type));
            }
        }"""
    )
    ran = page.evaluate(f"document.documentElement.getAttribute('{MARK}') || ''")
    page.goto("about:blank")
    return ran, heard.taken()


def hostile_pages(hostile: Reader) -> list[str]:
    versions = hostile.get("sites/hostile/privacy-policy.json").data["all_versions"]
    new, old = (version["version"] for version in versions)
    return [
        "", "sites/", "sites/hostile/", "sites/hostile/privacy-policy/", "topics/", "topics/sharing/",
        "directions/weaker/", "commitments/hostile/privacy-policy/", "health/", "search/?q=share",
        "search/?q=%22%3E%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E", f"versions/{old}/", f"versions/{new}/",
        f"versions/{new}/changes/1/", f"versions/{new}/changes/40/", f"compare/{old}/{new}/",
        f"compare/{old}/{new}/inline/", "nothing/", "index.json", "index.md", "sites/hostile.json", "sites/hostile.md",
        f"versions/{new}.json", f"versions/{new}.md", "feed.atom", "feed.json", "sites/hostile/feed.atom",
        "sites/hostile/feed.json", "topics/sharing/feed.atom", "directions/weaker/feed.json", "api/sites",
        "api/changes", "api/openapi.json", f"api/versions/{new}", "api/nothing", "%3Cscript%3Ealert(1)%3C/script%3E/",
    ]  # fmt: skip


def assert_nothing_ran(tries: Sequence[tuple[str, tuple[str, Heard]]], base: str) -> None:
    told = {}
    for name, (ran, heard) in tries:
        elsewhere = [url for url in heard.requests if not url.startswith((base, "about:"))]
        # What cannot be loaded is told on the console; our own words never are.
        odd = [line for line in heard.console if "favicon" not in line and "status of 4" not in line]
        if ran or elsewhere or odd or heard.dialogs or heard.errors:
            told[name] = (ran, elsewhere[:3], odd[:3], heard.dialogs, heard.errors)
    assert told == {}


def test_the_browser_does_run_what_it_is_given(tab: tuple[Any, Heard], tmp_path: Path) -> None:
    ran = 0
    for number, payload in enumerate(PAYLOADS[:20]):
        page = tmp_path / f"{number}.html"
        page.write_text(f"<!DOCTYPE html><html><body>{payload}</body></html>", encoding="utf-8")
        ran += tried(tab, page.as_uri())[0] == "1"
    assert ran >= 10


def test_nothing_runs_on_any_page_or_feed(tab: tuple[Any, Heard], hostile: Reader) -> None:
    tries = [(path, tried(tab, f"{hostile.base}{path}")) for path in hostile_pages(hostile)]
    assert_nothing_ran(tries, hostile.base)


def test_nothing_runs_in_what_a_reader_of_feeds_shows(
    tab: tuple[Any, Heard], hostile: Reader, tmp_path: Path
) -> None:
    items = hostile.get("sites/hostile/feed.json").data["items"]
    assert items
    for number, item in enumerate(items):
        # As careless a reader as there is: no escaping of its own, no policy.
        (tmp_path / f"{number}.html").write_text(
            f"<!DOCTYPE html><html><body>{item['content_html']}</body></html>", encoding="utf-8"
        )
    tries = [(file.name, tried(tab, file.as_uri())) for file in sorted(tmp_path.glob("*.html"))]
    assert_nothing_ran(tries, "file://")


def test_nothing_runs_in_an_email(tab: tuple[Any, Heard], tmp_path: Path) -> None:
    alerts = [_alert(number, payload) for number, payload in enumerate(PAYLOADS)]
    message = build_email(alerts, SENDER, TO, START)
    part = message.get_body(("html",))
    assert part is not None
    content = part.get_content()
    assert content.count("&lt;script") > 20
    (tmp_path / "mail.html").write_text(content, encoding="utf-8")
    single = build_email(_alert(0, "\n".join(PAYLOADS)), SENDER, TO, START).get_body(("html",))
    assert single is not None
    (tmp_path / "single.html").write_text(single.get_content(), encoding="utf-8")
    tries = [(file.name, tried(tab, file.as_uri())) for file in tmp_path.glob("*.html")]
    assert_nothing_ran(tries, "file://")


def _alert(number: int, payload: str) -> Alert:
    change = Change(
        material=True, topic="sharing", kind="changed", direction="weaker", severity="high", section=payload,
        section_before=payload, before=f"{payload} before", after=f"{payload} after", summary=payload,
    )  # fmt: skip
    key = DocumentKey(f"hostile-{number}", "privacy-policy")
    url = ADDRESSES[number % len(ADDRESSES)]
    return Alert(
        f"key-{number}", key, payload, payload, url, 2, START, 1, START, (change,), also=((payload, url),)
    )


def test_nothing_runs_in_an_export(tab: tuple[Any, Heard], hostile_database: Path, tmp_path: Path) -> None:
    with closing(open_store(f"sqlite:///{hostile_database}")) as store:
        export(histories(store, [HOSTILE]), "site", tmp_path / "public")
    public = tmp_path / "public"
    named = sorted(file for file in public.rglob("*") if file.suffix in (".html", ".atom"))
    kinds: dict[str, Path] = {}
    for file in named:
        # The largest of each kind.
        kind = re.sub(r"\d+", "N", str(file.relative_to(public)))
        kinds[kind] = max(kinds.get(kind, file), file, key=lambda one: one.stat().st_size)
    # Topics and directions are lists like any other.
    kept = [
        file
        for kind, file in kinds.items()
        if not re.match(r"(topics|directions)/(?!sharing|weaker|index)", kind)
    ]
    tries = [(str(file), tried(tab, file.as_uri())) for file in kept]
    assert len(tries) > 15
    assert_nothing_ran(tries, "file://")
