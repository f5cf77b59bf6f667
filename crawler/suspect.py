"""Whether what came is the policy at all: error pages, bot walls, cookie walls, log-ins, empty shells.

Judges one capture by itself, and rather lets a strange page pass than holds back a policy: phrases count
only where hardly anything else stands.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import Literal

from crawler.practice import denies_practice, is_policy_title, states_practice
from crawler.typography import undressed

Suspicion = Literal[
    "bot-wall", "cookie-wall", "empty", "error-page", "frames", "log-in", "redirect", "script-shell", "too-short",
    "truncated",
]  # fmt: skip

# What such pages say, as patterns over casefolded text, in English, German, French, Spanish and Chinese.
_BOT_WALL = (
    r"checking (?:your browser|if the site connection is secure)",
    r"verify(?:ing)? (?:that )?you are (?:a )?human", r"are you (?:a )?(?:human|robot)",
    r"i'm not a robot", r"i am not a robot", r"(?:re|h)?captcha", r"just a moment", r"attention required",
    r"access (?:to this page )?(?:has been |is |was )?denied", r"ddos protection",
    r"performance (?:&|and) security by cloudflare", r"cloudflare ray id", r"ray id:", r"unusual traffic",
    r"automated (?:access|requests|queries|traffic)", r"pardon our interruption",
    r"request (?:was |has been )?blocked", r"you have been blocked", r"sorry, you have been blocked",
    r"security check", r"bot (?:detection|protection)", r"enable (?:javascript and )?cookies to continue",
    r"please wait while we (?:verify|check)", r"incapsula incident", r"perimeterx", r"datadome",
    r"zugriff verweigert", r"sind sie ein mensch", r"kein roboter", r"sicherheitsprüfung",
    r"browser wird überprüft", r"accès refusé", r"vérifi(?:er|ez|cation) que vous êtes (?:un )?humain",
    r"pas un robot", r"vérification de (?:votre navigateur|sécurité)", r"acceso denegado",
    r"no soy un robot", r"verifi\w+ que eres? humano", r"comprobando (?:su|tu) navegador", r"访问被拒绝",
    r"安全验证", r"人机验证", r"验证码", r"正在检查您的浏览器", r"请完成验证",
)  # fmt: skip
_ERROR_PAGE = (
    r"\b(?:error|http)(?: status)?(?: code)?[ :]{1,2}(?:404|403|410|500|502|503|504)\b",
    r"\b(?:404|403|410|500|502|503|504)\b[ –:-]{1,3}(?:error|not found|forbidden|gone|page|bad gateway|internal"
    r"|service)",
    r"(?:^|\n)\W*(?:404|403|410|500|502|503|504)\b[^\w\n]*(?:$|\n)",
    r"(?:page|file|document|site|content|resource|url)\b.{0,40}\b(?:not found|can(?:no|')t be found"
    r"|could ?n(?:o|')t be found|does ?n(?:o|')t exist|no longer (?:exists|available)|is ?n(?:o|')t available"
    r"|unavailable|has (?:been )?moved|was removed)",
    r"not found", r"(?:we )?can(?:no|')t find (?:the|that|this) page",
    r"couldn't find (?:the|that|this) page", r"bad gateway",
    r"service (?:is )?(?:temporarily )?unavailable", r"temporarily (?:unavailable|down|offline)",
    r"internal server error", r"something went wrong",
    r"an? (?:unexpected |unknown )?error (?:has )?occurred", r"oops", r"gateway time-?out",
    r"site is down", r"(?:under|scheduled|site|down for) maintenance", r"we'll be (?:right )?back",
    r"be back (?:soon|shortly)", r"account suspended", r"(?:this )?domain (?:is|may be) for sale",
    r"default web ?page", r"it works!", r"welcome to nginx", r"too many requests",
    r"seite (?:wurde )?(?:leider )?nicht gefunden", r"existiert nicht", r"wartungsarbeiten",
    r"nicht (?:verfügbar|erreichbar)", r"es ist ein fehler aufgetreten", r"introuvable",
    r"n'existe (?:pas|plus)", r"page non trouvée", r"en maintenance", r"(?:temporairement )?indisponible",
    r"une erreur (?:est survenue|s'est produite)", r"página no encontrada", r"no (?:se )?existe",
    r"no se (?:ha )?(?:encontr\w+|pudo encontrar)", r"en mantenimiento", r"no (?:está )?disponible",
    r"se ha producido un error", r"页面(?:不存在|未找到|找不到|无法)", r"找不到(?:该|此|您)?.{0,8}页",
    r"服务(?:暂时)?不可用", r"系统(?:维护|错误)", r"出错了",
)  # fmt: skip
_COOKIE_WALL = (
    r"(?:accept|agree|consent)\b.{0,80}\bcookies\b.{0,80}\b(?:continue|access|proceed|read|enter|view)",
    r"before you continue", r"we value your privacy",
    r"(?:we|our) .{0,40}partners .{0,60}(?:store|process|access)", r"(?:accept|allow) all(?: cookies)?",
    r"cookies? (?:must be|are required|need to be) ", r"your privacy choices",
    r"(?:cookies|tracking).{0,60}(?:akzeptieren|zustimmen|einwilligen)",
    r"mit werbung (?:weiterlesen|lesen)", r"accept(?:er|ez).{0,60}cookies", r"continuer sans accepter",
    r"acept\w+.{0,60}cookies", r"接受.{0,10}cookie",
)  # fmt: skip
_LOG_IN = (
    r"(?:log|sign) ?in(?:to| to)? (?:your |continue|view|access|see|with|account)",
    r"please (?:log|sign) ?in", r"you (?:must|need to) (?:be )?(?:logged|signed|log|sign) ?in",
    r"forgot(?:ten)? (?:your )?password", r"enter your (?:password|e-?mail)", r"session (?:has )?expired",
    r"create an account", r"members only", r"anmelden", r"einloggen", r"passwort vergessen",
    r"se connecter", r"connectez-vous", r"mot de passe oublié", r"iniciar sesión", r"inicia sesión",
    r"contraseña", r"请(?:先)?登录", r"忘记密码",
)  # fmt: skip
_NO_SCRIPT = (
    r"(?:enable|turn on|activate|requires?|need|without|allow) (?:to enable )?(?:java ?script|js)",
    r"java ?script (?:is|must be|needs to be|to be) (?:not |disabled|enabled|required|turned on)",
    r"your browser (?:does not|doesn't) support", r"(?:unsupported|outdated) browser", r"loading",
    r"javascript (?:aktivieren|einschalten|ist deaktiviert)", r"activer javascript",
    r"activ(?:e|ar) javascript", r"(?:启用|开启|需要).{0,6}javascript", r"正在加载", r"加载中",
)  # fmt: skip

_REDIRECT = (
    r"(?:you|page|being|be|been|will) (?:(?:should|will) )?(?:be )?redirect(?:ed|s)", r"redirecting",
    r"(?:page|document|site) has (?:been )?moved", r"moved permanently", r"object moved",
    r"sie werden (?:automatisch )?weitergeleitet", r"vous (?:allez être|serez) redirigé",
    r"será redirigid[oa]",
    r"正在跳转", r"自动跳转",
)  # fmt: skip

# In this order, as a bot wall also says "access denied" and may bear an error's number.
_PHRASES: tuple[tuple[Suspicion, tuple[str, ...]], ...] = (
    ("bot-wall", _BOT_WALL),
    ("redirect", _REDIRECT),
    ("error-page", _ERROR_PAGE),
    ("cookie-wall", _COOKIE_WALL),
    ("log-in", _LOG_IN),
    ("script-shell", _NO_SCRIPT),
)
# In a title, the bare number tells; in a text it may be that of a house.
_NUMBER = re.compile(r"\b(?:404|403|410|500|502|503|504)\b")


@cache
def _signs() -> tuple[tuple[Suspicion, re.Pattern[str]], ...]:
    """Return what is looked for in short texts; of those there may be none."""
    return tuple((reason, re.compile("|".join(patterns))) for reason, patterns in _PHRASES)


# Up to this many words, a sign anywhere tells; up to the second, one in the title, a heading or the start.
_FEW_WORDS = 60
_SOME_WORDS = 300
_START_CHARS = 160
# Longer texts are policies; this many characters hold more than the words above.
_LOOKED_AT = 5000
# The shortest policies ("This site sets no cookies and keeps no data about you.") have a sentence or two.
_TOO_SHORT_WORDS = 8
_SHELL_WORDS = 30

_WORD = re.compile(
    "[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+"
)
# The same for ASCII: a space for all that is in no word.
_PLAIN = {code: chr(code) if chr(code).isalnum() else " " for code in range(128)}
_HEADING = re.compile(r"^#{1,6} +(.+)$|^\*\*(.+)\*\*$", re.MULTILINE)
_LINK_TARGET = re.compile(r"\]\([^()\s]*\)")


@dataclass(frozen=True, slots=True)
class Traits:
    """What a web page shows beside its text."""

    # How many scripts, and what is told to browsers that run none.
    scripts: int = 0
    noscript: str = ""
    password_fields: int = 0
    frames: int = 0
    # Whether the markup ends in the middle.
    truncated: bool = False


def suspicion(
    text: str, *, title: str | None = None, status: int = 200, traits: Traits | None = None
) -> Suspicion | None:
    """Return why a page is probably not the policy, or None where it seems to be.

    Args:
        text: the policy as extracted, Markdown.
        title: the page's title.
        status: HTTP status it came with.
        traits: what else the page showed, for a web page.

    """
    traits = traits or Traits()
    words = _count_words(text[:_LOOKED_AT])
    sign = _sign(text, title or "", words)
    if status >= 400:
        return sign if sign in ("bot-wall", "log-in") else "error-page"
    if sign == "log-in" and words > _FEW_WORDS and not traits.password_fields:
        sign = None
    if sign:
        return sign
    if words < _SHELL_WORDS and (built := _built_elsewhere(words, traits)):
        return built
    if words < _TOO_SHORT_WORDS:
        return "too-short" if words else "empty"
    return "truncated" if traits.truncated else None


def _count_words(text: str) -> int:
    """Return how many words there are; more than `_SOME_WORDS` are not told apart."""
    text = undressed(text)
    if text.isascii():
        return min(len(text.translate(_PLAIN).split(None, _SOME_WORDS + 1)), _SOME_WORDS + 1)
    return sum(1 for _ in islice(_WORD.finditer(text), _SOME_WORDS + 1))


def _sign(text: str, title: str, words: int) -> Suspicion | None:
    if words > _SOME_WORDS or len(text) > 4 * _LOOKED_AT:
        return None
    shown = _LINK_TARGET.sub("]", text)
    titles = _folded("\n".join([title, *(a or b for a, b in _HEADING.findall(shown))]))
    told = _folded(shown if words <= _FEW_WORDS else shown[:_START_CHARS])
    policy = _reads_as_policy(text) if words > _FEW_WORDS else False
    states = states_practice(shown, titles)
    for reason, pattern in _signs():
        if policy or (words > _FEW_WORDS and reason in ("cookie-wall", "script-shell", "redirect")):
            continue
        # A title that tells is believed, unless it also names a policy and the text is one.
        if _tells(pattern, reason, titles) and not (states and _names_policy(pattern, titles)):
            return reason
        if pattern.search(told) and not (states and (reason != "cookie-wall" or denies_practice(shown))):
            return reason
    return None


def _tells(pattern: re.Pattern[str], reason: str, titles: str) -> bool:
    return bool(pattern.search(titles)) or (reason == "error-page" and bool(_NUMBER.search(titles)))


def _names_policy(pattern: re.Pattern[str], titles: str) -> bool:
    """Whether every title with the sign also bears the name of a policy."""
    return all(is_policy_title(line) for line in titles.split("\n") if pattern.search(line))


def _folded(text: str) -> str:
    return text.casefold().replace("’", "'")


_POLICY_WORDS = re.compile(
    r"\b(?:privacy|personal (?:data|information)|terms|agreement|policy|copyright|we collect|you agree|liable"
    r"|liability|licen[sc]e"
    r"|datenschutz|personenbezogen\w*|nutzungsbedingungen|impressum|données personnelles"
    r"|conditions|datos personales|condiciones)\b"
    r"|隐私|个人信息|协议|条款",
    re.IGNORECASE,
)


def _reads_as_policy(text: str) -> bool:
    """Whether a short text speaks of what policies speak of, again and again."""
    return len(_POLICY_WORDS.findall(text)) >= 4


def _built_elsewhere(words: int, traits: Traits) -> Suspicion | None:
    if traits.frames:
        return "frames"
    if traits.password_fields:
        return "log-in"
    told = traits.noscript.casefold()
    if re.search("|".join(_NO_SCRIPT), told):
        return "script-shell"
    return "script-shell" if words < _TOO_SHORT_WORDS and traits.scripts else None
