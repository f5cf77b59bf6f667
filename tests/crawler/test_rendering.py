"""Pages that scripts build, in a real Chromium.

The site is at 127.0.0.1, the one allowed address; whatever reaches the listener at 127.0.0.2 came past the guard.
"""

from __future__ import annotations

import asyncio
import gc
import json
import signal
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from threading import Event, Semaphore
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from crawler.guard import AddressGuard
from crawler.records import CrawlLimits, FetchFailure, Rendering
from crawler.rendering import browsers, chromium, memory, middleware, reading
from crawler.rendering.browsers import OwnBrowser
from crawler.rendering.middleware import RenderMiddleware
from crawler.rendering.proxy import PageProxy
from storage.hosts import PassingHosts, Turn
from storage.records import Capture
from tests.crawler.crawling import crawl_targets, quick, target
from tests.crawler.test_guarded_crawl import SPELLINGS
from tests.naming import resolving
from tests.reactor import run_on_reactor
from tests.site import Site
from tests.web.browsers import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from datetime import datetime, timedelta
    from http.server import BaseHTTPRequestHandler

    from scrapy import Request
    from scrapy.crawler import Crawler

    from crawler.records import Answer
    from storage.hosts import HostStore

ONE_ALLOWED = ("127.0.0.1/32",)
# Time enough for a browser on a machine that does other things, too.
LIMITS = quick(timeout_s=20, first_byte_s=10, max_body_bytes=1_000_000, allow_addresses=ONE_ALLOWED)
SENTENCE = "We never sell your personal data. "
TEXT = f"<p>{SENTENCE * 20}</p>"
SCRIPT = "text/javascript"
BUILD = f"const p = document.createElement('p'); p.textContent = '{SENTENCE * 20}'; document.body.append(p);"


def answer_empty(request: BaseHTTPRequestHandler, status: int = 204) -> None:
    request.send_response(status)
    request.end_headers()


def render(
    urls: Sequence[str], limits: CrawlLimits = LIMITS, hosts: HostStore | None = None
) -> list[Capture | FetchFailure]:
    targets = [replace(target(url, f"document-{n}"), render=Rendering()) for n, url in enumerate(urls)]
    return [answer for answer in crawl_targets(targets, limits, hosts=hosts) if _is_new(answer)]


def _is_new(answer: Answer) -> bool:
    return isinstance(answer, Capture | FetchFailure)


def rendered(url: str, limits: CrawlLimits = LIMITS) -> Capture:
    (answer,) = render([url], limits)
    assert isinstance(answer, Capture), answer
    return answer


def text_of(answer: Capture | FetchFailure) -> str:
    assert isinstance(answer, Capture), answer
    return answer.body.decode("utf-8-sig")


def reason_of(answer: Capture | FetchFailure) -> str:
    assert isinstance(answer, FetchFailure), answer
    return answer.reason


@pytest.fixture(scope="module", autouse=True)
def _browsers_that_stay() -> Iterator[None]:
    """Let the crawls of these tests share their browsers, whose start takes longest, and wait less for calm."""
    kept: list[OwnBrowser] = []

    def browsers(crawler: Crawler) -> list[OwnBrowser]:
        kept.extend(OwnBrowser(crawler) for _ in range(2 - len(kept)))
        return kept

    async def close_none(_: RenderMiddleware) -> None:
        pass

    async def close_all() -> None:
        for browser in kept:
            await browser.close()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(middleware, "own_browsers", browsers)
        patch.setattr(RenderMiddleware, "_close", close_none)
        patch.setattr(reading, "_CALM_S", 0.3)
        yield
        run_on_reactor(close_all())


@pytest.fixture
def listener() -> Iterator[Site]:
    with Site(host="127.0.0.2") as listener:
        yield listener


@pytest.fixture
def names() -> Iterator[dict[str, list[list[str]]]]:
    with resolving() as answers:
        yield answers


@needs_chromium
def test_text_that_a_script_fetches_is_captured_with_its_evidence(site: Site) -> None:
    site.set("/policy.json", f'["{SENTENCE * 20}", "Zürich"]', content_type="application/json")
    shell = (
        "<title>Privacy</title><div id=app></div><script>fetch('/policy.json').then(r => r.json()).then(lines => {"
        "for (const line of lines) { const p = document.createElement('p'); p.textContent = line; app.append(p) } })"
        "</script>"
    )
    odd = {"Content-Disposition": "attachment", "Refresh": "0; url=/gone", "Set-Cookie": "id=7"}
    site.set("/privacy", shell.encode("latin-1"), content_type="text/html; charset=iso-8859-1", headers=odd)
    capture = rendered(site.redirect("/policy", "/privacy"))
    assert f"<p>{SENTENCE * 20}</p><p>Zürich</p>" in text_of(capture)
    assert (capture.status, capture.final_url, capture.redirects) == (
        200,
        site.url("/privacy"),
        (site.url("/policy"),),
    )
    assert capture.header("Content-Type") == "text/html; charset=iso-8859-1"
    assert capture.ip_address == "127.0.0.1"
    assert (capture.rendered or "").startswith("Chromium ")
    # The page came once, and everything by one honest name.
    assert (site.count("/privacy"), site.count("/policy.json")) == (1, 1)
    agents = {name.lower(): value for _, headers in site.requests for name, value in headers.items()}
    assert agents["user-agent"] == "policywatch/0.1 (+tests@example.org)"
    assert "Windows" not in agents["sec-ch-ua-platform"]
    assert "cookie" not in agents


def hostile(listener: Site, udp_port: int) -> str:
    """Return the body of a page that tries what a page can to reach the listener."""
    port, own = listener.port, listener.url()
    return f"""<!DOCTYPE html><link rel=preconnect href="{own}"><link rel=dns-prefetch href="{own}">
    <link rel=prefetch href="{own}"><link rel=preload as=fetch href="{own}"><link rel=stylesheet href="{own}">
    <link rel=modulepreload href="{own}"><link rel=manifest href="{own}"><link rel=icon href="{own}">
    <script src="{own}"></script><script src="/to-listener"></script><script type=module src="{own}"></script>
    <img src="{own}"><img srcset="{own} 2x"><video src="{own}" autoplay></video><audio src="{own}" autoplay></audio>
    <iframe src="{own}"></iframe><iframe src="/to-listener"></iframe><object data="{own}"></object>
    <embed src="{own}"><style>body {{ background: url({own}) }} @import url({own});</style>
    <form id=form method=post action="{own}" target=_blank></form>{TEXT}<script>
    const attempts = [
      () => fetch("{own}"), () => fetch("/to-listener"), () => fetch("{own}", {{ method: "POST", body: "x" }}),
      () => fetch("http://localhost:{port}/"), () => fetch("http://2130706434:{port}/"),
      () => fetch("http://0x7f000002:{port}/"), () => fetch("http://127.2:{port}/"),
      () => fetch("http://[::ffff:127.0.0.2]:{port}/"), () => fetch("http://0.0.0.0:{port}/"),
      () => fetch("http://intranet.example:{port}/"), () => fetch("http://user:secret@127.0.0.2:{port}/"),
      () => fetch("https://127.0.0.2:{port}/"), () => import("{own}"),
      () => {{ const x = new XMLHttpRequest(); x.open("GET", "{own}"); x.send() }},
      () => new WebSocket("ws://127.0.0.2:{port}/"), () => new WebSocket("wss://intranet.example:{port}/"),
      () => new EventSource("{own}"), () => navigator.sendBeacon("{own}", "x"),
      () => navigator.serviceWorker.register("/worker.js"), () => new Worker("/worker.js"),
      () => new SharedWorker("/worker.js"), () => new WebTransport("https://127.0.0.2:{port}/"),
      () => window.open("{own}"), () => document.getElementById("form").submit(),
      () => {{ const f = document.createElement("iframe"); document.body.append(f);
               f.srcdoc = "<img src='{own}'><script>fetch('{own}')<\\/script>" }},
      () => {{ const f = document.createElement("iframe"); f.src = "javascript:fetch('{own}')";
               document.body.append(f) }},
      ...["stun:127.0.0.2:{udp_port}", "turn:127.0.0.2:{udp_port}", "turn:127.0.0.2:{port}?transport=tcp"].map(
        urls => () => {{ const server = {{ urls, username: "u", credential: "c" }};
                         const c = new RTCPeerConnection({{ iceServers: [server] }});
                         c.createDataChannel("x"); c.createOffer().then(offer => c.setLocalDescription(offer)) }}),
    ];
    let made = 0;
    for (const attempt of attempts) {{
      try {{ const outcome = attempt(); outcome && outcome.catch && outcome.catch(() => 0) }} catch (error) {{ }}
      made++;
    }}
    document.body.append(made + " of " + attempts.length + " attempts made");
    </script>"""


@needs_chromium
def test_nothing_that_a_page_does_reaches_a_private_address(
    site: Site, listener: Site, names: dict[str, list[list[str]]]
) -> None:
    names["intranet"] = [["127.0.0.2"]]
    site.redirect("/to-listener", listener.url())
    worker = f"fetch('{listener.url()}').catch(() => 0); try {{ importScripts('{listener.url()}') }} catch (e) {{ }}"
    site.set("/worker.js", worker, content_type=SCRIPT)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind(("127.0.0.2", 0))
        datagrams.setblocking(False)
        capture = rendered(site.set("/privacy", hostile(listener, datagrams.getsockname()[1])))
        with pytest.raises(BlockingIOError):
            datagrams.recv(1)
    assert "29 of 29 attempts made" in text_of(capture)
    assert site.count("/to-listener") > 0
    assert (listener.connections, listener.requests) == (0, [])


# What a page may do beside asking for what its text is built of. None of it may be asked for.
WAYS = """<link rel=prefetch href=/way/prefetch><link rel=preload as=image href=/way/preload><link rel=icon
href=/way/icon><link rel=manifest href=/way/manifest><link rel=prerender href=/way/prerender>
<link rel=dns-prefetch href=//prefetched.example><link rel=preconnect href=//connected.example>
<script type=speculationrules>{"prerender": [{"source": "list", "urls": ["/way/speculated"]}],
 "prefetch": [{"source": "list", "urls": ["/way/fetched-ahead"]}]}</script>
<style>@font-face { font-family: f; src: url(/way/font) } body { font-family: f; background: url(/way/background) }
</style><img src=/way/img><picture><source srcset=/way/source><img></picture><video src=/way/video autoplay
poster=/way/poster></video><audio src=/way/audio autoplay></audio><iframe src=/way/iframe></iframe>
<object data=/way/object></object><embed src=/way/embed><a id=pings href=#here ping=/way/ping>x</a>
<a id=loads href=/way/download download>x</a><form id=form target=_blank action=/way/form></form>
<svg><image href=/way/svg-image /><use href=/way/use#x /></svg><script>
const ways = [
  () => navigator.sendBeacon("/way/beacon", "x"), () => pings.click(), () => loads.click(), () => form.submit(),
  () => window.open("/way/window"), () => window.open("/way/noopener", "_blank", "noopener"),
  () => navigator.serviceWorker.register("/way/service-worker"), () => alert(1), () => confirm(1), () => prompt(1),
  () => print(), () => new Image().src = "/way/image",
  () => addEventListener("pagehide", () => fetch("/way/pagehide", { keepalive: true })),
  () => addEventListener("pagehide", () => navigator.sendBeacon("/way/last-beacon")),
  () => addEventListener("beforeunload", event => event.preventDefault()),
  () => navigator.geolocation.getCurrentPosition(() => 0), () => Notification.requestPermission(),
  () => navigator.mediaDevices.getUserMedia({ video: true }),
  () => navigator.registerProtocolHandler("web+x", "/way/%s"),
  () => { for (let n = 0; n < 300; n++) history.pushState(n, "", "#" + n) },
  () => { for (let n = 0; n < 100; n++) location.hash = "at" + n },
  () => location.href = "mailto:x@example.org", () => location.href = "intent://x#Intent;end",
  () => location.href = "data:text/html,x",
  () => location.href = "javascript:void 0", () => window.close(),
  () => navigator.credentials.get({ password: true }),
];
let made = 0;
for (const way of ways) {
  try { const outcome = way(); outcome && outcome.catch && outcome.catch(() => 0) } catch (error) { }
  made++;
}
document.body.append(made + " of " + ways.length + " ways gone");
</script>"""


@needs_chromium
def test_page_asks_for_nothing_that_its_text_does_not_need(
    site: Site, names: dict[str, list[list[str]]]
) -> None:
    for name in ("prefetched", "connected"):
        names[name] = [["127.0.0.1"], ["127.0.0.2"]]
    headers = {
        "Content-Security-Policy-Report-Only": "img-src 'none'; report-uri /way/report",
        "Link": "</way/link>; rel=preload; as=image, </way/link-prefetch>; rel=prefetch",
        "Reporting-Endpoints": f'default="{site.url("/way/reports")}"',
    }
    capture = rendered(site.set("/privacy", f"<!DOCTYPE html><body>{TEXT}{WAYS}", headers=headers))
    assert "27 of 27 ways gone" in text_of(capture)
    assert {path for path, _ in site.requests} == {"/robots.txt", "/privacy"}
    # No name was asked for of which nothing is fetched.
    assert [len(names[name]) for name in ("prefetched", "connected")] == [2, 2]


@needs_chromium
def test_page_that_goes_elsewhere_is_followed_under_the_rules_of_any_redirect(
    site: Site, listener: Site
) -> None:
    private = listener.url("/secret")
    site.set("/good", f"<h1>Privacy</h1><script>{BUILD}</script>")
    site.robots("User-agent: *\nDisallow: /forbidden")
    ways = [
        f"location.href = '{private}'",
        f"document.head.innerHTML = '<meta http-equiv=refresh content=\"0; url={private}\">'",
        f"document.body.innerHTML += '<a href={private}></a>'; document.links[0].click()",
        "location.replace('file:///etc/passwd')",
        "location.replace('/forbidden')",
        "location.replace(location.pathname + '?' + Math.random())",
        "location.replace('/good')",
        "window.open('/elsewhere')",
    ]
    urls = [site.set(f"/way/{n}", f"<body>{TEXT}<script>{way}</script>") for n, way in enumerate(ways)]
    by_location, by_refresh, by_click, to_file, forbidden, in_circles, good, window = render(urls)
    reasons = [reason_of(answer) for answer in (by_location, by_refresh, by_click, forbidden, in_circles)]
    assert reasons == ["address", "address", "address", "robots", "redirects"]
    assert "root:" not in text_of(to_file)
    assert SENTENCE in text_of(good)
    assert isinstance(good, Capture)
    assert (good.final_url, good.redirects) == (site.url("/good"), (urls[-2],))
    assert isinstance(window, Capture)
    assert (window.final_url, site.count("/elsewhere")) == (urls[-1], 0)
    assert (listener.connections, site.count("/forbidden")) == (0, 0)


@needs_chromium
def test_what_the_browser_says_itself_is_not_taken_for_the_page(site: Site) -> None:
    ways = [
        "location.href = 'blob:' + location.origin + '/nothing'",
        f"location.href = URL.createObjectURL(new Blob(['{TEXT}'], {{ type: 'text/html' }}))",
        "location.href = 'about:blank'",
    ]
    urls = [site.set(f"/way/{n}", f"<body>{TEXT}<script>{way}</script>") for n, way in enumerate(ways)]
    assert [reason_of(answer) for answer in render(urls)] == ["redirects", "scheme", "scheme"]


@needs_chromium
def test_name_that_resolves_differently_the_second_time_is_refused_then(
    site: Site, listener: Site, names: dict[str, list[list[str]]]
) -> None:
    names["rebinding"] = [["127.0.0.1"], ["127.0.0.1"], ["127.0.0.2"]]
    for path in ("/robots.txt", "/privacy"):
        site.set(path, TEXT + "<script>fetch('/more')</script>", headers={"Connection": "close"})
    rendered(f"http://rebinding.example:{site.port}/privacy")
    assert (site.count("/privacy"), site.count("/more"), listener.connections) == (1, 0, 0)


@needs_chromium
def test_page_that_never_comes_to_rest_is_read_when_its_text_stays(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Less than a quarter of the time of a page, which is long, as browsers open pages slowly on a busy machine.
    monkeypatch.setattr(reading, "_MOST_PATIENCE_S", 1.5)
    site.set("/beat", "1", content_type=SCRIPT)
    # More often than it takes to be calm, but no more often than a busy machine can answer.
    busy = "setInterval(() => fetch('/beat?' + Math.random()), 100)"
    ticking = "setInterval(() => document.title = 'x'.repeat(99 * Math.random()), 20)"
    answers = render(
        [
            site.set("/polling", f"{TEXT}<script>{busy}</script>"),
            site.set("/ticking", f"<title>x</title>{TEXT}<script>{ticking}</script>"),
            site.set("/loading", f"{TEXT}<link rel=stylesheet href=/misbehaving/slow-drip media=print>"),
            site.set("/late", f"<body><script>setTimeout(() => {{ {BUILD} }}, 900)</script>"),
        ]
    )
    assert [SENTENCE in text_of(answer) for answer in answers] == [True] * 4


@needs_chromium
@pytest.mark.parametrize(
    "script",
    [
        "if (!document.cookie.includes('seen')) { document.cookie = 'seen=1'; location.reload() }",
        "const f = document.createElement('form'); f.method = 'post'; f.action = '/count'; document.body.append(f);"
        " setTimeout(() => f.submit(), 50)",
        "setTimeout(() => location.reload(), 50)",
    ],
    ids=["reloads once", "posts a form", "reloads always"],
)
def test_page_that_loads_itself_again_or_posts_a_form_is_read(site: Site, script: str) -> None:
    url = site.set("/privacy", f"<title>Privacy</title><body>{TEXT}<script>{script}</script>")
    assert SENTENCE in text_of(rendered(url))
    assert (site.count("/privacy"), site.count("/count")) == (1, 0)


@needs_chromium
def test_what_components_show_is_read_as_it_is_shown(site: Site) -> None:
    inner = f"<style>p {{ color: red }}</style><p>{SENTENCE * 20}</p>"
    script = (
        "const shadow = (name, html) => customElements.define(name, class extends HTMLElement {"
        "connectedCallback() { if (!this.shadowRoot) this.attachShadow({ mode: 'open' }).innerHTML = html } });"
        f"shadow('a-text', {json.dumps(inner)});"
        "shadow('a-page', '<h2>One</h2><slot name=part>nothing here</slot><h2>Two</h2><a-text></a-text>')"
    )
    body = "<body><a-page><i>not shown</i><p slot=part>In between: <a-text></a-text></p></a-page>"
    html = text_of(rendered(site.set("/privacy", f"{body}<script>{script}</script>")))
    shown = html[: html.index("<script>")]
    places = [shown.index(words) for words in ("One", "In between", SENTENCE, "Two")]
    assert places == sorted(places)
    assert (shown.count(f"<p>{SENTENCE}"), "nothing here" in shown, "not shown" in shown) == (2, False, False)


@needs_chromium
def test_what_components_keep_closed_is_read(site: Site) -> None:
    script = (
        "const root = by_script.attachShadow({ mode: 'closed' });"
        f"root.innerHTML = '<p>{SENTENCE * 20}</p>'; by_script.title = 'attached'"
    )
    declared = f'<div><template shadowrootmode="closed"><p>{SENTENCE * 20}</p></template></div>'
    html = text_of(
        rendered(site.set("/privacy", f"<body>{declared}<div id=by_script></div><script>{script}</script>"))
    )
    shown = html[: html.index("<script>")]
    assert (shown.count(f"<p>{SENTENCE}"), 'title="attached"' in shown) == (2, True)


@needs_chromium
def test_component_with_very_many_children_is_read(site: Site) -> None:
    script = (
        "const shown = document.createDocumentFragment(); for (let n = 0; n < 130000; n++) shown.append(document"
        ".createElement('i')); host.append(shown); host.attachShadow({ mode: 'open' }).innerHTML = '<slot></slot>'"
    )
    url = site.set("/privacy", f"<body>{TEXT}<div hidden><div id=host></div></div><script>{script}</script>")
    html = text_of(rendered(url, replace(LIMITS, max_body_bytes=5_000_000)))
    assert html.count("<i></i>") == 130_000


@needs_chromium
def test_what_the_configuration_selects_is_waited_for_in_the_language_of_the_document(site: Site) -> None:
    later = "setTimeout(() => { app.textContent = 'in ' + navigator.language }, 1500)"
    url = site.set("/privacy", f"{TEXT}<div id=app></div><script>{later}</script>")
    how = Rendering(language="de-AT", select="#app")
    (answer,) = crawl_targets([replace(target(url), render=how)], LIMITS)
    assert isinstance(answer, Capture)
    assert ">in de-AT</div>" in text_of(answer)


@needs_chromium
def test_pages_without_end_are_given_up_each_for_its_reason(site: Site) -> None:
    growing = f"setInterval(() => {{ {BUILD} p.textContent += 'x'.repeat(50000) }}, 1)"
    answers = render(
        [
            site.set("/growing", f"<body><script>{growing}</script>"),
            site.set("/attribute", f"<body>{TEXT}<script>document.body.id = 'x'.repeat(3e6)</script>"),
            site.set(
                "/download", f"{TEXT}<script>fetch('/misbehaving/endless').then(r => r.text())</script>"
            ),
        ],
        replace(LIMITS, max_body_bytes=500_000),
    )
    assert [reason_of(answer) for answer in answers] == ["too-large"] * 3


@needs_chromium
def test_scripts_that_never_end_are_given_up_and_take_no_other_page_with_them(site: Site) -> None:
    hog = "const all = []; while (true) all.push({ more: all.length })"
    urls = [
        site.set("/blocked", f"{TEXT}<script src=/misbehaving/no-answer></script>{TEXT}"),
        site.set("/spinning", f"{TEXT}<script>while (true);</script>"),
        site.set("/hog", f"{TEXT}<script>{hog}</script>"),
    ]
    blocked, spinning, hungry = render(urls, replace(LIMITS, timeout_s=3))
    assert [reason_of(blocked), reason_of(spinning)] == ["timeout", "timeout"]
    # Whether its time or its memory ends first depends on the machine.
    assert reason_of(hungry) in {"timeout", "crash", "other"}


@needs_chromium
def test_page_that_ends_its_browser_ends_no_other_and_is_tried_once_more(
    site: Site,
    names: dict[str, list[list[str]]],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    shown_by: dict[str, OwnBrowser] = {}
    open_page = OwnBrowser.open

    async def noted(self: OwnBrowser, asking: Request) -> None:
        shown_by[urlsplit(asking.url).path] = self
        await open_page(self, asking)

    monkeypatch.setattr(OwnBrowser, "open", noted)
    all_done = Semaphore(0)
    folders: set[str] = set()

    def kills(path: str, times: int, what: Callable[[memory.Process], memory.Process]) -> str:
        def kill(request: BaseHTTPRequestHandler, _: Event) -> None:
            if site.count(f"/kill{path}") <= times:
                process = memory.process_with(shown_by[path].mark)
                assert process is not None
                folders.add(memory.value_of(process, "--user-data-dir") or "")
                memory.end([what(process)])
            all_done.release()
            answer_empty(request)

        site.route(f"/kill{path}", kill)
        return site.set(path, f"<body>{TEXT}<script>fetch('/kill{path}')</script>")

    def when_all_are_done(request: BaseHTTPRequestHandler, _: Event) -> None:
        answer_empty(request, 204 if all(all_done.acquire(timeout=20) for _ in range(4)) else 500)

    kills("/fatal", 2, lambda browser: browser)
    # What drives the browser may end as well.
    kills("/unlucky", 1, memory.starter_of)
    site.route("/gate", when_all_are_done)
    site.set(
        "/beside", f"<body><script>fetch('/gate').then(answer => {{ if (answer.ok) {{ {BUILD} }} }})</script>"
    )
    names["one"] = names["two"] = names["three"] = [["127.0.0.1"]]
    urls = [
        f"http://{host}.example:{site.port}{path}" for host, path in (("one", "/fatal"), ("two", "/beside"))
    ]
    fatal, beside, unlucky = render([*urls, f"http://three.example:{site.port}/unlucky"])
    assert isinstance(fatal, FetchFailure)
    assert (fatal.reason, "breaks the browser that is to show it (twice)" in fatal.detail) == ("crash", True)
    assert [SENTENCE in text_of(answer) for answer in (beside, unlucky)] == [True, True]
    assert (site.count("/kill/fatal"), site.count("/kill/unlucky")) == (2, 2)
    assert (len(folders), [folder for folder in folders if Path(folder).exists()]) == (3, [])
    # Nothing is said on the standard error of what was dealt with.
    gc.collect()
    assert [record.getMessage() for record in caplog.records if record.name == "asyncio"] == []


@needs_chromium
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="what processes fill is known on Linux only")
@pytest.mark.parametrize(
    "filling",
    [
        # Shared between processes, which the system's own limit leaves out.
        "all.push(new WebAssembly.Memory({ initial: 160, maximum: 160, shared: true }));"
        " new Uint8Array(all.at(-1).buffer).fill(1)",
        # Goes to another process of the browser, which all pages have in common.
        "all.push(new Blob([new Uint8Array(1e7).fill(1)]))",
    ],
    ids=["shared memory", "blobs"],
)
def test_page_that_fills_the_memory_ends_with_its_browser(
    site: Site, monkeypatch: pytest.MonkeyPatch, filling: str
) -> None:
    monkeypatch.setattr(browsers, "MOST_BYTES", 450 * 2**20)
    # Whose end never comes, so that it is filled before the page is read, however slow the machine.
    waiting = "<script src=/misbehaving/no-answer></script>"
    page = f"<body>{TEXT}<script>const all = []; setInterval(() => {{ {filling} }}, 1)</script>{waiting}"
    (answer,) = render([site.set("/hungry", page)])
    assert isinstance(answer, FetchFailure)
    assert (answer.reason, "MiB of memory" in answer.detail) == ("crash", True)


def test_family_of_a_process_is_told_and_ended() -> None:
    code = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()', sys.argv[1]])"
    with subprocess.Popen([sys.executable, "-c", code, "--inner=7"], stdin=subprocess.PIPE) as outer:
        while not (inner := memory.process_with("input()")):
            assert outer.poll() is None
        head = memory.starter_of(inner)
        family = memory.family_of(head)
        assert (head.pid, [process.pid for process in family]) == (outer.pid, [outer.pid, inner.pid])
        assert memory.filled_bytes(family) > memory.filled_bytes([inner]) > 2**20
        memory.end(family)
        assert outer.wait() == -signal.SIGKILL
    assert memory.family_of(head) == []


@needs_chromium
def test_robots_txt_is_heard_where_redirects_lead(site: Site) -> None:
    site.robots("User-agent: policywatch\nDisallow: /api/")
    site.set("/api/policy", BUILD, content_type=SCRIPT)
    site.set("/app.js", BUILD, content_type=SCRIPT)
    site.redirect("/there", "/api/policy")
    site.redirect("/further", "/there")
    site.redirect("/good", "/app.js")
    asked = "".join(f"<script src={path}></script>" for path in ("/there", "/further", "/good"))
    fetched = "<script>fetch('/there').catch(() => 0); new Worker('/there')</script>"
    capture = rendered(site.set("/privacy", f"<body>{asked}{fetched}"))
    assert text_of(capture).count(f"<p>{SENTENCE}") == 1
    assert (site.count("/there") > 0, site.count("/api/policy"), site.count("/app.js")) == (True, 0, 1)


@needs_chromium
def test_robots_txt_is_heard_for_what_a_page_asks_for(site: Site) -> None:
    site.robots("User-agent: policywatch\nDisallow: /api/")
    site.set("/app.js", BUILD, content_type=SCRIPT)
    site.set("/api/policy", BUILD, content_type=SCRIPT)
    capture = rendered(
        site.set("/privacy", "<body><script src=/api/policy></script><script src=/app.js></script>")
    )
    assert text_of(capture).count(f"<p>{SENTENCE}") == 1
    assert (site.count("/app.js"), site.count("/api/policy")) == (1, 0)


class CountedHosts(PassingHosts):
    """Notes who was given a turn."""

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[str] = []

    def take(self, host: str, now: datetime, delay: timedelta, lease: timedelta) -> Turn:
        self.taken.append(host)
        return Turn()


@needs_chromium
def test_rendering_has_a_turn_of_its_own(site: Site) -> None:
    hosts = CountedHosts()
    render([site.set("/privacy", TEXT)], replace(LIMITS, delay_s=0.01), hosts)
    # robots.txt, the page, its scripts.
    assert hosts.taken == ["127.0.0.1"] * 3


@needs_chromium
def test_documents_share_no_cookies_and_no_storage(site: Site) -> None:
    script = (
        "document.body.append('found ' + document.cookie + localStorage.length);"
        " document.cookie = 'id=7'; localStorage.id = 7"
    )
    urls = [site.set(path, f"<body>{TEXT}<script>{script}</script>") for path in ("/one", "/two")]
    assert ["found 0" in text_of(answer) for answer in render(urls)] == [True, True]


@needs_chromium
def test_scripts_come_only_through_connections_that_can_be_trusted(site: Site, tmp_path: Path) -> None:
    with Site(certificate_folder=tmp_path) as forged:
        forged.set("/app.js", BUILD, content_type=SCRIPT)
        page = f"{TEXT}<body><script src={forged.url('/app.js')}></script>"
        capture = rendered(site.set("/privacy", page))
        assert reason_of(render([forged.set("/privacy", page)])[0]) == "tls"
    assert text_of(capture).count(f"<p>{SENTENCE}") == 1
    assert (forged.connections > 0, forged.requests) == (True, [])


@needs_chromium
def test_what_is_no_web_page_is_left_as_it_came(site: Site) -> None:
    url = site.set("/terms.txt", "Terms. " * 100, content_type="text/plain")
    capture, failure = render([url, site.set("/gone", "", status=404)])
    assert isinstance(capture, Capture)
    assert (capture.body, capture.rendered) == (b"Terms. " * 100, None)
    assert reason_of(failure) == "http-404"


def test_without_chromium_the_page_says_what_to_install_and_others_are_fetched(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    url = site.set("/privacy", TEXT)
    answers = crawl_targets([replace(target(url, "built"), render=Rendering()), target(url, "plain")], LIMITS)
    built, plain = answers
    assert isinstance(built, FetchFailure)
    assert built.reason == "no-browser"
    assert "render = true needs Chromium (on Debian: apt install chromium)" in built.detail
    assert isinstance(plain, Capture)
    assert (plain.body.decode(), site.count("/privacy")) == (TEXT, 1)


def test_browser_that_does_not_start_is_told(
    site: Site, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(middleware, "own_browsers", lambda crawler: [OwnBrowser(crawler)])
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\nexit 3\n")
    program.chmod(0o755)
    monkeypatch.setattr(chromium, "chromium", lambda: str(program))
    (answer,) = render([site.set("/privacy", TEXT)])
    assert isinstance(answer, FetchFailure)
    assert answer.reason == "no-browser"
    assert "Chromium does not start" in answer.detail


def test_plain_crawls_load_nothing_that_drives_a_browser() -> None:
    code = (
        "import sys, crawler.fetch; print([m for m in sys.modules if m.split('.')[0] in"
        " ('playwright', 'scrapy_playwright')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_browser_is_given_no_secrets_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLICYWATCH_SMTP_PASSWORD", "secret")
    options = chromium.launch_options("policywatch/0.1")
    assert "secret" not in repr(options)
    assert options["env"]["PATH"]


async def ask_proxy(proxy: PageProxy, request: str, rest: str, password: str | None) -> bytes:
    """Send a request and what follows its first line to a proxy, by default with its password; return the answer."""
    from base64 import b64encode

    settings = proxy.settings()
    known = f"page:{settings['password'] if password is None else password}"
    host, port = settings["server"].removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    lines = (
        f"{request} HTTP/1.1\r\nProxy-Authorization: Basic {b64encode(known.encode()).decode()}\r\n{rest}\r\n"
    )
    writer.write(lines.encode())
    answer = await reader.read()
    writer.close()
    return answer


def through_proxy(request: str, rest: str = "", *, password: str | None = None) -> bytes:
    async def ask() -> bytes:
        from crawler.resolver import installed_resolver

        guard = AddressGuard(ONE_ALLOWED)
        with installed_resolver().guarded_by(guard):
            async with PageProxy(guard, 10_000) as proxy, PageProxy(guard, 10_000) as other:
                port = other.settings()["server"].rpartition(":")[2]
                return await ask_proxy(proxy, request.replace("OTHER", f"127.0.0.1:{port}"), rest, password)

    return run_on_reactor(ask())


def test_proxy_serves_nobody_else(site: Site) -> None:
    answer = through_proxy(f"GET {site.url('/privacy')}", password="guessed")
    assert answer.startswith(b"HTTP/1.1 407 ")
    assert site.connections == 0


def test_proxy_serves_nothing_before_it_is_opened(site: Site) -> None:
    async def ask() -> bytes:
        async with PageProxy(AddressGuard(ONE_ALLOWED), 10_000, lambda: False) as proxy:
            try:
                return await ask_proxy(proxy, f"GET {site.url('/privacy')}", "", None)
            except ConnectionResetError:
                return b""

    assert (run_on_reactor(ask()), site.connections) == (b"", 0)


def test_proxy_leads_to_no_other_proxy() -> None:
    assert through_proxy("CONNECT OTHER").startswith(b"HTTP/1.1 502 ")


@pytest.mark.parametrize("host", [*SPELLINGS, "[::1]", "localhost.", "0", "10.0.0.1", "169.254.169.254"])
@pytest.mark.parametrize("request_line", ["CONNECT {}", "GET http://{}/", "GET https://{}/", "GET ftp://{}/"])
def test_proxy_asks_the_guard(listener: Site, host: str, request_line: str) -> None:
    answer = through_proxy(request_line.format(f"{host}:{listener.port}"))
    # What is no request at all is not answered.
    assert answer == b"" or answer.split()[1] in {b"403", b"502"}
    assert listener.connections == 0


@needs_chromium
def test_no_spelling_of_a_private_address_leads_out_of_a_page(site: Site, listener: Site) -> None:
    asked = [
        f"{scheme}://{host}:{listener.port}/" for host in SPELLINGS for scheme in ("http", "https", "ws")
    ]
    script = (
        f"const all = {json.dumps(asked)}; let made = 0; for (const url of all) {{ try {{ made++;"
        " if (url.startsWith('ws')) new WebSocket(url); else fetch(url, { mode: 'no-cors' }).catch(() => 0)"
        " } catch (error) { } } document.body.append(made + ' attempts')"
    )
    capture = rendered(site.set("/privacy", f"<body>{TEXT}<script>{script}</script>"))
    assert f"{3 * len(SPELLINGS)} attempts" in text_of(capture)
    assert listener.connections == 0


def test_proxy_passes_one_request_on_and_ends_at_its_limit(site: Site) -> None:
    site.set("/small", "small")
    site.set("/large", "x" * 50_000)
    answer = through_proxy(f"GET {site.url('/small')}", "Host: 127.0.0.1\r\n")
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert answer.endswith(b"\r\n\r\nsmall")
    assert b"connection: close" in answer
    ((_, headers),) = site.requests
    assert not [name for name in headers if name.lower().startswith("proxy-")]
    assert len(through_proxy(f"GET {site.url('/large')}")) < 50_000


def test_proxy_forgets_a_second_request_on_one_connection(site: Site) -> None:
    def stays_open(request: BaseHTTPRequestHandler, closing: Event) -> None:
        request.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: keep-alive\r\n\r\nok")
        closing.wait(0.1)
        request.close_connection = True

    url = site.route("/first", stays_open)
    second = f"\r\nGET {site.url('/second')} HTTP/1.1\r\n"
    assert b"connection: close" in through_proxy(f"GET {url}", second).lower()
    assert [path for path, _ in site.requests] == ["/first"]
