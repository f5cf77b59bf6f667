"""Twelve sites with policies: what stands where, and what a discovery must find. All pages are ours."""

from __future__ import annotations

import gzip
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.discovery.layouts import Frame, anchors, application, boxes, framed, modern, tables

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from tests.site import Site

TEXTS = tomllib.loads(Path(__file__).with_name("texts.toml").read_text(encoding="utf-8"))
# A type and the paths of its pages.
Found = tuple[str, tuple[str, ...]]


@dataclass(frozen=True)
class Example:
    """One site."""

    id: str
    name: str
    language: str
    layout: Callable[[Frame], str]
    # The type that must be found at each path, and what else is there; both name texts ("de.blog", or "blog" in
    # the site's language).
    policies: Mapping[str, str]
    others: Mapping[str, str] = field(default_factory=dict)
    navigation: Sequence[tuple[str, str]] = ()
    footer: Sequence[tuple[str, str]] = ()
    # More of the head of a page, by its path.
    heads: Mapping[str, str] = field(default_factory=dict)
    # Puts up what is not a page of this layout.
    more: Callable[[Example, Site, Site], None] = lambda example, site, other: None
    # What is found beside `policies`.
    split: Sequence[Found] = ()

    @property
    def expected(self) -> set[Found]:
        return {(text.rpartition(".")[2], (path,)) for path, text in self.policies.items()} | set(self.split)

    def serve(self, site: Site, other: Site) -> str:
        """Put up the pages; return the address of the front page."""
        front = self.text("about").partition("\n")[2]
        self.put(site, other, "/", f"{self.name}\n{front}")
        for path, key in {**self.policies, **self.others}.items():
            self.put(site, other, path, self.text(key))
        self.more(self, site, other)
        return site.url("/")

    def text(self, key: str) -> str:
        language, _, kind = key.rpartition(".")
        return str(TEXTS[language or self.language][kind]).replace("@", self.name).strip()

    def put(self, site: Site, other: Site, path: str, text: str, language: str = "") -> None:
        footer = [(label, url.replace("{other}", other.url(""))) for label, url in self.footer]
        page = Frame(
            self.name, language or self.language, text, self.navigation, footer,
            self.heads.get(path, "").replace("{base}", site.url("")),
        )  # fmt: skip
        site.set(path, self.layout(page))


def _shop(example: Example, site: Site, other: Site) -> None:
    """A log-in, a copy under another address, and two policies of other companies."""
    example.put(site, other, "/account/login", "Log in\n<form><input name=user><input type=password></form>")
    example.put(site, other, "/legal/privacy", example.text("privacy-policy"))
    for path, company in {"/pay/privacy": "Swiftpay", "/maps/privacy": "Mapwise"}.items():
        other.set(
            path, modern(Frame(company, "en", TEXTS["en"]["privacy-policy"].replace("@", company), (), ()))
        )


def _hub(example: Example, site: Site, other: Site) -> None:
    """A page that leads to all policies; the terms stand at another host, to which the site sends on."""
    legal = [("Privacy Policy", "/legal/privacy"), ("Terms of Service", "/legal/terms"), ("DPA", "/legal/dpa"),
             ("Acceptable use", "/legal/aup"), ("Copyright", "/legal/copyright")]  # fmt: skip
    hub = (
        "Legal\nEverything that is binding between us.\n"
        + f"<ul>{anchors(legal, '', '<li><a href={1}>{0}</a></li>')}</ul>"
    )
    example.put(site, other, "/legal", hub)
    site.redirect("/legal/terms", other.url("/northwind/terms"))
    other.set("/northwind/terms", modern(Frame("Northwind", "en", example.text("terms-of-service"), (), ())))


def _sitemap(example: Example, site: Site, other: Site) -> None:
    """An index of sitemaps, one of them compressed; no page links to a policy."""
    site.robots(f"User-agent: *\nDisallow: /private/\nSitemap: {site.url('/maps/index.xml')}\n")
    both = [site.url("/maps/posts.xml"), site.url("/maps/pages.xml.gz")]
    index = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in both)
    site.set("/maps/index.xml", f"<sitemapindex>{index}</sitemapindex>", content_type="application/xml")
    posts = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in example.others)
    site.set("/maps/posts.xml", f"<urlset>{posts}</urlset>", content_type="application/xml")
    pages = "".join(f"<url><loc>{site.url(path)}</loc></url>" for path in ["/", "/team", *example.policies])
    site.set(
        "/maps/pages.xml.gz",
        gzip.compress(f"<urlset>{pages}</urlset>".encode()),
        content_type="application/gzip",
    )


def _split(example: Example, site: Site, other: Site) -> None:
    """A policy below an index, and terms with a link to the next page."""
    title, _, *sections = example.text("privacy-policy").partition("\n")
    parts = [f"{head}\n{body}" for head, _, body in (s.partition("\n") for s in sections[0].split("# ")[1:])]
    paths = [f"/privacy/{name}" for name in ("collection", "use", "storage", "control")]
    chapters = [(part.split("\n")[0], path) for part, path in zip(parts, paths, strict=True)]
    items = anchors(chapters, "", "<li><a href={1}>{0}</a></li>")
    example.put(site, other, "/privacy", f"{title}\nChoose a chapter.\n<ol>{items}</ol>")
    for path, part in zip(paths, parts, strict=True):
        example.put(site, other, path, part)
    first, _, second = example.text("terms-of-service").partition("# What we may do")
    whole = modern(
        Frame(example.name, "en", f"Terms of Service, page 2\n# What we may do{second}", (), example.footer)
    )
    site.set("/terms-2", whole)
    example.put(site, other, "/terms", f'{first}<p><a href="/terms-2">Next page</a></p>')


def _frames(example: Example, site: Site, other: Site) -> None:
    site.set("/", "<html><head><title>Old Mill Museum</title></head><frameset cols='20%,80%'><frame src='menu.htm'>"
             "<frame src='welcome.htm' name='main'></frameset></html>")  # fmt: skip
    site.set("/menu.htm", f"<html><body>{anchors(example.footer, '<br>')}</body></html>")


def _languages(example: Example, site: Site, other: Site) -> None:
    """The same documents in five languages, each page with all its alternates."""
    for code in ("de", "fr", "es", "zh"):
        example.put(site, other, f"/{code}/", TEXTS[code]["about"].replace("@", example.name), code)
        example.put(site, other, f"/{code}/privacy", example.text(f"{code}.privacy-policy"), code)
        example.put(site, other, f"/{code}/terms", example.text(f"{code}.terms-of-service"), code)


_CODES = ("en", "de", "fr", "es", "zh")
_ALTERNATES = {
    f"{'' if code == 'en' else '/' + code}/{path}": "".join(
        f'<link rel="alternate" hreflang="{other}" href="{{base}}{"" if other == "en" else "/" + other}/{path}">'
        for other in _CODES
    )
    for code in _CODES
    for path in ("", "privacy", "terms")
}


def _western(example: Example, site: Site, other: Site) -> None:
    """Serve every page as it was served in 1999: Latin-1, and nothing says so."""
    for path in [*example.policies, *example.others, "/"]:
        body = site.body(path).decode().replace("’", "'").encode("latin-1", "xmlcharrefreplace")
        site.set(path, body, content_type="text/html")


EXAMPLES = [
    Example(
        "a shop with everything in its foot", "Harbour Lane", "en", modern,
        {"/legal/privacy": "privacy-policy", "/terms": "terms-of-service", "/cookies": "cookie-policy",
         "/returns": "refund-policy"},
        {"/blog/new-privacy-law": "blog", "/journal/our-privacy-policy": "blog-own", "/help/my-data": "help",
         "/press/privacy-award": "press", "/careers/privacy-counsel": "job", "/privacy-settings": "settings",
         "/cookie-settings": "cookie-settings", "/privacy": "privacy-policy"},
        navigation=[("Blog", "/blog/new-privacy-law"), ("Our privacy policy, explained", "/journal/our-privacy-policy"),
                    ("Log in", "/account/login"), ("Privacy counsel wanted", "/careers/privacy-counsel")],
        footer=[("Privacy", "/privacy"), ("Privacy policy", "/legal/privacy"), ("Terms", "/terms"),
                ("Cookies", "/cookies"), ("Returns", "/returns"), ("Privacy settings", "/privacy-settings"),
                ("Press: privacy award", "/press/privacy-award"), ("Your data: help", "/help/my-data"),
                ("Swiftpay privacy policy", "{other}/pay/privacy"), ("Privacy policy", "{other}/maps/privacy")],
        heads=dict.fromkeys(("/privacy", "/legal/privacy"), '<link rel="canonical" href="{base}/legal/privacy">'),
        more=_shop,
    ),
    Example(
        "a German shop", "Kastanienhof", "de", boxes,
        {"/datenschutz": "privacy-policy", "/agb": "terms-of-service", "/widerruf": "refund-policy",
         "/impressum": "imprint", "/cookies": "cookie-policy"},
        {"/ratgeber/daten-schuetzen": "blog", "/jobs/datenschutz": "job", "/datenschutz-einstellungen": "settings"},
        navigation=[("So schützen Sie Ihre Daten", "/ratgeber/daten-schuetzen"), ("Jobs", "/jobs/datenschutz")],
        footer=[("Datenschutz", "/datenschutz"), ("AGB", "/agb"), ("Widerrufsrecht", "/widerruf"),
                ("Impressum", "/impressum"), ("Cookies", "/cookies"),
                ("Datenschutz-Einstellungen", "/datenschutz-einstellungen")],
    ),
    Example(
        "a French shop", "Grand Large", "fr", modern,
        {"/confidentialite": "privacy-policy", "/cgu": "terms-of-service", "/cgv": "terms-of-sale",
         "/mentions-legales": "imprint", "/cookies": "cookie-policy"},
        {"/conseils/vie-privee": "blog", "/emplois/juriste": "job"},
        navigation=[("Protéger sa vie privée", "/conseils/vie-privee")],
        footer=[("Confidentialité", "/confidentialite"), ("CGU", "/cgu"), ("CGV", "/cgv"),
                ("Mentions légales", "/mentions-legales"), ("Cookies", "/cookies"), ("Emplois", "/emplois/juriste")],
    ),
    Example(
        "a Spanish site made of tables", "Jabones del Faro", "es", tables,
        {"/privacidad.html": "privacy-policy", "/aviso.html": "imprint", "/condiciones.html": "terms-of-service",
         "/cookies.html": "cookie-policy", "/devoluciones.html": "refund-policy"},
        {"/noticias/consejos.html": "blog"},
        navigation=[("Inicio", "/"), ("Consejos", "/noticias/consejos.html"), ("Devoluciones", "/devoluciones.html")],
        footer=[("Política de privacidad", "/privacidad.html"), ("Aviso legal", "/aviso.html"),
                ("Condiciones de uso", "/condiciones.html"), ("Política de cookies", "/cookies.html")],
    ),
    Example(
        "a Chinese application, written by its server", "青石", "zh", application,
        {"/p/yinsi": "privacy-policy", "/p/xieyi": "terms-of-service", "/p/shequ": "community-guidelines",
         "/p/tuihuan": "refund-policy"},
        {"/boke/yinsi": "blog", "/zhaopin/12": "job"},
        navigation=[("首页", "/"), ("保护隐私的小技巧", "/boke/yinsi"), ("招聘", "/zhaopin/12")],
        footer=[("隐私政策", "/p/yinsi"), ("用户协议", "/p/xieyi"), ("社区规范", "/p/shequ"), ("退换货", "/p/tuihuan")],
    ),
    Example(
        "a legal hub, and terms at another host", "Northwind", "en", boxes,
        {"/legal/privacy": "privacy-policy", "/legal/dpa": "data-processing-agreement",
         "/legal/aup": "acceptable-use-policy", "/legal/copyright": "copyright-policy"},
        {"/blog/2024/privacy": "blog"},
        navigation=[("Privacy law in 2024", "/blog/2024/privacy")],
        footer=[("Legal", "/legal")],
        more=_hub, split=[("terms-of-service", ("/northwind/terms",))],
    ),
    Example(
        "nothing but a sitemap", "Tern Rowing", "en", boxes,
        {"/info/privacy-policy": "privacy-policy", "/info/terms-of-use": "terms-of-service",
         "/info/community-guidelines": "community-guidelines"},
        {"/posts/privacy-law": "blog", "/2023/07/our-privacy-policy": "blog-own",
         "/news/privacy-policy-award": "press"},
        more=_sitemap,
    ),
    Example(
        "policies on several pages", "Fenwick Maps", "en", modern, {"/imprint": "imprint"},
        {"/privacy/settings": "settings"},
        footer=[("Privacy", "/privacy"), ("Terms", "/terms"), ("Imprint", "/imprint"),
                ("Privacy settings", "/privacy/settings")],
        more=_split,
        split=[("privacy-policy", tuple(f"/privacy/{part}" for part in ("collection", "use", "storage", "control"))),
               ("terms-of-service", ("/terms", "/terms-2"))],
    ),
    Example(
        "five languages", "Lumen Notes", "en", modern,
        {"/privacy": "privacy-policy", "/terms": "terms-of-service"},
        footer=[("Privacy", "/privacy"), ("Terms", "/terms"), ("Datenschutz", "/de/privacy"),
                ("隐私政策", "/zh/privacy"), ("Deutsch", "/de/")],
        heads=_ALTERNATES, more=_languages,
    ),
    Example(
        "frames", "Old Mill Museum", "en", framed,
        {"/priv.htm": "privacy-policy", "/rules.htm": "terms-of-service"},
        {"/welcome.htm": "about"},
        footer=[("Home", "/welcome.htm"), ("Privacy Statement", "/priv.htm"), ("Conditions of Use", "/rules.htm")],
        more=_frames,
    ),
    Example(
        "neither links nor a sitemap", "Werkstatt Linde", "de", boxes,
        {"/datenschutz": "privacy-policy", "/impressum": "imprint", "/agb": "terms-of-service"},
        {"/privacy": "de.blog"},
    ),
    Example(
        "a French forum in Latin-1", "La Vigie", "fr", tables,
        {"/charte.php": "community-guidelines", "/cgu.php": "terms-of-service", "/donnees.php": "privacy-policy"},
        {"/actualites/vie-privee.php": "blog"},
        navigation=[("Accueil", "/"), ("Charte du forum", "/charte.php"), ("Actualités", "/actualites/vie-privee.php")],
        footer=[("Conditions générales", "/cgu.php"), ("Données personnelles", "/donnees.php")],
        more=_western,
    ),
]  # fmt: skip
