"""Words that pages put around a policy, in English, German, French, Spanish and Chinese: data, no rules."""

from __future__ import annotations

import re


def _phrases(text: str) -> frozenset[str]:
    """Read phrases between bars and line ends."""
    return frozenset(phrase.strip() for phrase in re.split(r"[|\n]", text) if phrase.strip())


def _any(*patterns: str) -> re.Pattern[str]:
    return re.compile("|".join(patterns), re.IGNORECASE)


# Titles of a list of links into the same page.
CONTENTS = _phrases(
    """
    table of contents | contents | content | on this page | in this article | in this document
    in this policy | in this section | jump to | jump to section | quick links | index | sections
    page contents | navigate this page | what's in this article | inhalt | inhaltsverzeichnis
    auf dieser seite | übersicht | in diesem artikel | sommaire | table des matières | sur cette page
    dans cet article | índice | contenido | tabla de contenidos | en esta página | en este artículo | 目录
    本页内容 | 目次 | 内容
    """
)

# Whole lines that are controls or remarks of the page, never of the policy.
CONTROLS = _phrases(
    """
    back to top | return to top | go to top | top of page | to top | top | back | go back | skip to content
    skip to main content | skip navigation | skip to main | print | print this page | print page
    print this policy | download | download pdf | download as pdf | share | share this | share this page
    share this article | tweet | email this page | copy link | copy link to clipboard | copied | link copied
    save | bookmark | follow us | menu | close | open menu | close menu | search | log in | login | sign in
    sign up | register | get started | start free trial | contact sales | expand all | collapse all
    show all | hide all | expand | collapse | read more | show more | show less | read less | learn more
    see details | edit this page | edit page | report a problem | advertisement | loading | loading...
    previous | next | previous page | next page | thanks for your feedback
    thank you for your feedback | cookie settings | cookie preferences | manage cookies | accept
    accept all | accept all cookies | reject all | decline | choose language | select language | language
    change language | english | nach oben | zum seitenanfang | zurück | seite drucken | drucken
    zum inhalt springen | teilen | mehr erfahren | menü | suche | anmelden | haut de page | retour en haut
    retour | imprimer | aller au contenu | partager | en savoir plus | rechercher | se connecter
    volver arriba | arriba | volver | imprimir | saltar al contenido | ir al contenido | compartir
    más información | buscar | iniciar sesión | 返回顶部 | 回到顶部 | 打印 | 分享 | 上一篇 | 下一篇
    登录 | 注册 | 搜索 | 跳至内容 |     跳到主要内容
    """
)

# Labels of adverts: one word, and never a paragraph of a policy.
ADVERTS = frozenset(["advertisement", "anzeige", "werbung", "publicité", "publicidad", "广告"])

# Lines that say something else at every visit: how long ago, how long to read, how often seen.
PASSING = _any(
    r"^\W*(?:(?:last )?(?:updated|modified|edited|posted|published|reviewed)\W*)?(?:about |over |almost )?"
    r"(?:an?|one|\d+)\+? (?:second|minute|hour|day|week|month|year)s? ago\W*$",
    r"^\W*(?:updated|modified|edited|yesterday|today|just now)\W*$",
    r"^\W*(?:reading time\W*)?\d+ min(?:ute)?s?\.?(?: read| to read| reading time)\W*$",
    r"^\W*(?:this )?page (?:was )?(?:generated|rendered|loaded|created) in \W{0,3}\d.{0,30}$",
    r"^\W*(?:this page was )?printed (?:on|at|from)\b.{0,60}$",
    r"^\W*[\d,.]+k? (?:views|shares|likes|comments)\W*$",
    r"^\W*(?:aktualisiert )?vor (?:\d+|eine[mr]) (?:sekunde|minute|stunde|tag|woche|monat|jahr)e?n?\W*$",
    r"^\W*(?:mis à jour )?il y a (?:\d+|une?) (?:seconde|minute|heure|jour|semaine|mois|an)s?\W*$",
    r"^\W*(?:actualizado )?hace (?:\d+|una?) (?:segundo|minuto|hora|día|semana|mes|año)(?:s|es)?\W*$",
    r"^\W*(?:更新于)?\d+ ?(?:秒|分钟|小时|天|周|个月|年)前\W*$",
)

# What links say to screen readers about where they open.
OPENS = _any(
    r"^\W*(?:(?:this |external )?link )?(?:will )?opens? (?:in|an?|external) .{0,20}(?:window|tab|site|website)\W*$",
    r"^\W*(?:external link|new (?:window|tab))\W*$",
    r"^\W*(?:link )?(?:wird |öffnet )?(?:sich )?in (?:einem )?neue[mn] (?:fenster|tab)(?: geöffnet)?\W*$",
    r"^\W*(?:s'ouvre|ouverture|ouvre|nouvelle fenêtre|dans (?:une|un) nouve\w+).{0,30}(?:fenêtre|onglet)\W*$",
    r"^\W*(?:se abre|abre) en .{0,12}(?:ventana|pestaña).{0,8}$",
    r"^\W*(?:在新(?:窗口|标签页?)(?:中)?打开|新窗口打开)\W*$",
)

# Titles of lists of links to other pages.
RELATED = _phrases(
    """
    related | related articles | related content | related links | related pages | related posts
    related topics | recommended | related documents | related policies | related resources | recent posts
    recent articles | latest news | latest posts | more from us | you may also like | you might also like
    keep reading | read next | up next | further reading | see also | more articles | popular posts
    articles in this section | recently viewed articles | other policies | more information | share this
    promoted articles | follow us | connect with us | stay connected | newsletter | subscribe | categories
    tags | archives | legal | company | products | resources | support | help | help and support | about us
    weitere artikel | ähnliche artikel | verwandte artikel | das könnte sie auch interessieren
    articles similaires | articles connexes | à lire aussi | voir aussi | artículos relacionados
    también te puede interesar | 相关文章 | 相关链接 | 推荐阅读
    """
)

# Beginnings of short blocks that ask the reader's opinion, or invite him elsewhere.
FEEDBACK = _any(
    r"(?:was|is|did|do|does)\s+(?:this|that|the|you)\s+(?:\w+\s+){0,4}(?:help\w*|useful|answer|find|solve)\b.{0,60}$",
    r"how (?:helpful|useful) was this",
    r"rate this (?:page|article)",
    r"have more questions\?",
    r"still need help\?",
    r"(?:\d+ )?out of \d+ found this helpful",
    r"can't find what you",
    r"help us (?:improve|make)",
    r"(?:give|send) feedback",
    r"war (?:dieser|diese|das|dies)\b.{0,40}hilfreich",
    r"(?:cet article|cette page)\b.{0,40}(?:utile|aidé)",
    r"¿(?:te|le|fue|ha sido|era)\b.{0,40}(?:útil|ayud\w+)",
    r"(?:此|这|本)(?:页|篇|文).{0,12}(?:有用|帮助)",
)

# What the buttons of a cookie dialog say: one of them agrees. "Cookie settings" stands in policies, too.
CONSENT_BUTTON = _any(
    r"\b(?:accept|agree|allow|got it|ok(?:ay)?|confirm (?:my )?(?:choices|preferences))\b",
    r"\b(?:save (?:my )?(?:choices|preferences)|only necessary|necessary only|essential only)\b",
    r"\b(?:akzeptieren|zustimmen|einverstanden|nur notwendige)\b",
    r"\b(?:accepter|j'accepte)\b",
    r"\b(?:aceptar|permitir)\b",
    r"接受|同意",
)
# Anchors of policies' sections that name furniture elsewhere.
TOPICS = re.compile(
    r"(?:sharing|social(?:-media)?|ads?|advertis(?:ing|ement|ements)|newsletters?|comments?|feedback|promotions?)$",
    re.IGNORECASE,
)
COOKIE = _any("cookie", "consent", "einwilligung", "consentement", "consentimiento")
COPYRIGHT = _any(
    r"^\W*(?:©|\(c\)\s*(?:19|20)\d\d|copyright\s*(?:©|\(c\)|(?:19|20)\d\d)|all rights reserved\W*$)"
)
# Lines that date a policy are kept wherever they stand.
DATED = _any(
    r"^\W*(?:this \w+ (?:is|was) )?(?:last|effective|updated|revised|version|published|dated?).{0,80}$",
    r"^\W*(?:posted|in effect|as of|stand|gültig|letzte|zuletzt|aktualisiert|dernière|mise? à jour).{0,80}$",
    r"^\W*(?:en vigueur|última|fecha|actualizad|vigente).{0,80}$",
    r"^\W*(?:更新|生效|版本|最后|发布).{0,80}$",
    r"^.{0,24}\b(?:19|20)\d\d\b.{0,8}$",
    r"^.{0,20}(?:19|20)\d\d\s*年.{0,16}$",
)

# Words of class and id attributes, between separators, that name furniture on pages of every make.
FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:"
    + "|".join(
        (
            r"breadcrumbs?",
            r"skip-?(?:link|nav|to-content)",
            r"cookie-?(?:banner|bar|notice|consent|popup|dialog|modal|law|alert|message|overlay|settings)",
            r"consent-?(?:banner|bar|dialog|manager|popup)",
            r"gdpr-?(?:banner|bar|popup|notice)",
            r"newsletter|subscribe|feedback|helpful|comments?",
            r"social-?(?:share|links|icons|media)?",
            r"share-?(?:buttons?|bar|links)?|sharing",
            r"related(?:-?(?:posts|articles|links|content))?",
            r"pagination|pager",
            r"lang(?:uage)?-?(?:switch(?:er)?|select(?:or)?|picker|menu)",
            r"sidebar|side-?nav|menu|nav(?:bar|igation)?|toc|table-?of-?contents",
            r"(?:site|page|global)-?(?:header|footer|nav)|footer|masthead",
            r"advert(?:s|isement|ising)?|ads?|adsbygoogle|sponsor(?:ed)?|promo(?:tion)?",
            r"popup|modal|widget\s+widget_\w+|chat-?widget|offcanvas|announcement-?bar|toolbar",
            r"print-?(?:button|link)|back-?to-?top|scroll-?top",
        )
    )
    + r")(?:$|[\s_-])",
    re.IGNORECASE,
)

# Classes of boxes with posts, praise and comments. Sections of policies are named like these by id, not by class.
TEASER_NAMES = re.compile(
    r"(?:^|\s)(?:[\w-]+[_-])?(?:"
    r"(?:related|recent|latest|popular|recommended|featured)[_-]?(?:posts?|articles?|news|stories|products)"
    r"|testimonials?|comments?[_-]?(?:area|list|section|respond|form)|respond"
    r"|(?:about[_-]?)?author[_-]?(?:box|bio|info)"
    r")(?:[_-][\w-]+)?(?:$|\s)",
    re.IGNORECASE,
)
# Whole titles of such boxes; "Comments" or "Testimonials" alone are titles of policies' sections.
TEASER_TITLES = _any(
    r"\W*(?:"
    + "|".join(
        (
            r"(?:the )?(?:latest|recent|popular|featured|more|related|new) (?:blog |news )?"
            r"(?:posts?|articles?|news|stories)(?: (?:from|on|in) .{1,30})?",
            r"(?:latest|recent|more|news|fresh) from (?:our|the) \w+",
            r"(?:from|on) (?:our|the) blog",
            r"(?:read|hear) what .{1,30} (?:say|saying)(?: about us)?",
            r"what (?:our |other )?\w+ (?:say|are saying|think)(?: about us)?",
            r"(?:customers|people|shoppers) also (?:bought|viewed|read)",
            r"about the authors?",
            r"\d+ (?:comments?|replies|responses|thoughts on .{1,40})",
            r"(?:leave|post|write|add) a (?:reply|comment)",
            r"ready to (?:get started|start|begin|try it|dive in).{0,30}",
            r"start your free trial.{0,20}",
            r"(?:neueste|aktuelle|weitere|letzte) (?:beiträge|artikel|nachrichten|meldungen)",
            r"(?:neues )?aus (?:unserem|dem) blog",
            r"das sagen unsere \w+",
            r"über (?:den autor|die autorin)",
            r"\d+ (?:kommentare?|antworten)",
            r"(?:schreibe einen kommentar|kommentar hinterlassen)",
            r"(?:derniers|nos derniers|autres) (?:articles|billets)",
            r"(?:dernières|nos dernières) actualités",
            r"ce que (?:disent|pensent) nos \w+",
            r"(?:ils|elles) parlent de nous",
            r"à propos de l'auteur",
            r"\d+ (?:commentaires?|réponses?)",
            r"laisser un commentaire",
            r"(?:últimas|nuestras últimas) (?:entradas|noticias)|últimos artículos",
            r"lo que dicen nuestros \w+",
            r"sobre (?:el autor|la autora)",
            r"\d+ (?:comentarios?|respuestas?)",
            r"deja (?:un comentario|una respuesta)",
            r"最新(?:文章|资讯|动态|消息)|客户评价|用户评价|关于作者|\d+ ?条评论|发表评论",
        )
    )
    + r")\W*$"
)
