"""The glossaries say one thing of each phrase, in words that the lexicon can hear."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from importlib import resources

import pytest

from monitor.comparison.compare import compare
from monitor.reading.commitments import commitments
from monitor.reading.lexicon import load_lexicon
from monitor.reading.policy import read_policy

LANGUAGES = ("de", "fr", "es", "zh")


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_phrase_is_read_in_two_ways(language: str) -> None:
    file = resources.files("monitor.reading") / "lexicons" / f"{language}.toml"
    said: defaultdict[str, set[str]] = defaultdict(set)
    for table in tomllib.loads(file.read_text(encoding="utf-8")).values():
        if isinstance(table, dict):
            for phrases, english in table.items():
                for phrase in phrases.split("|"):
                    said[phrase].add(english)
    assert {phrase: ways for phrase, ways in said.items() if len(ways) > 1} == {}


@pytest.mark.parametrize(
    ("text", "topic", "stance"),
    [
        pytest.param(
            "Wir geben Ihre Daten nur an Dritte weiter, wenn Sie einwilligen.", "sharing", "will",
            id="de: a verb in two parts",
        ),
        pytest.param("Verkaufen werden wir Ihre Daten niemals.", "sale", "will-not", id="de: the verb first"),
        pytest.param("Ihre Daten verkaufen wir nicht.", "sale", "will-not", id="de: not behind the verb"),
        pytest.param("Sie dürfen keine rechtswidrigen Inhalte hochladen.", None, "user-must", id="de: a ban"),
        pytest.param(
            "Sie können der Verarbeitung Ihrer personenbezogenen Daten jederzeit widersprechen.", "rights",
            "user-may", id="de: a right",
        ),
        pytest.param(
            "Nous ne partageons aucune donnée personnelle avec des tiers.", "sharing", "will-not", id="fr: aucun"
        ),
        pytest.param(
            "Nous n'utilisons vos données personnelles qu'avec votre consentement.", None, "will", id="fr: ne que"
        ),
        pytest.param(
            "Vous disposez d'un droit d'accès à vos données personnelles.", "rights", "user-may", id="fr: a right"
        ),
        pytest.param(
            "Vous vous engagez à ne pas publier de contenus illicites.", None, "user-must", id="fr: a duty not to"
        ),
        pytest.param("No vendemos sus datos personales.", "sale", "will-not", id="es: a subject in the verb"),
        pytest.param("Jamás compartiremos sus datos con terceros.", "sharing", "will-not", id="es: never"),
        pytest.param(
            "El usuario no debe publicar contenidos ilegales.", None, "user-must", id="es: what users must not"
        ),
        pytest.param("Usted tiene derecho a la portabilidad de sus datos.", "rights", "user-may", id="es: a right"),
        pytest.param("我们不会向任何第三方出售您的个人信息。", "sale", "will-not", id="zh: will not"),
        pytest.param("未经您同意，我们不会共享您的个人信息。", "sharing", "will-not", id="zh: without consent"),
        pytest.param("您有权要求删除您的个人信息。", "rights", "user-may", id="zh: a right"),
        pytest.param("用户不得发布违法内容。", None, "user-must", id="zh: a ban"),
    ],
)  # fmt: skip
def test_what_a_sentence_commits_to(text: str, topic: str | None, stance: str) -> None:
    (found,) = commitments(read_policy(f"{text}\n"))
    assert found.stance == stance
    assert topic is None or found.topic == topic
    assert found.text == text


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [
        pytest.param("Wir speichern Ihre Daten höchstens sechzig Tage.", "P60D", "max", id="de"),
        pytest.param("Nous conservons vos données pendant treize mois au maximum.", "P13M", "exact", id="fr"),
        pytest.param("Conservamos sus datos durante al menos cinco años.", "P5Y", "min", id="es"),
        pytest.param("我们会保存您的个人信息至少三年。", "P3Y", "min", id="zh"),
    ],
)
def test_lengths_of_time(text: str, value: str, bound: str) -> None:
    (found,) = commitments(read_policy(f"{text}\n"))
    assert [(one.value, one.bound) for one in found.durations] == [(value, bound)]


@pytest.mark.parametrize(
    ("text", "exception"),
    [
        pytest.param(
            "Wir geben Ihre Daten nicht weiter, es sei denn, das Gesetz verlangt es.",
            "es sei denn", id="de",
        ),
        pytest.param(
            "Nous ne partageons pas vos données, sauf si la loi l'exige.", "sauf si la loi l'exige", id="fr"
        ),
        pytest.param("No compartimos sus datos, salvo que la ley lo exija.", "salvo que la ley lo exija", id="es"),
        pytest.param("我们不会披露您的个人信息，除非法律要求。", "除非法律要求", id="zh"),
    ],
)  # fmt: skip
def test_exceptions_are_quoted_as_they_stand(text: str, exception: str) -> None:
    (found,) = commitments(read_policy(f"{text}\n"))
    assert [one.text for one in found.exceptions] == [exception]


def test_data_are_quoted_as_they_stand() -> None:
    (found,) = commitments(read_policy("Wir erheben Ihre E-Mail-Adresse und Ihren Standort.\n"))
    assert found.language == "de"
    assert found.data == ("e mail adresse", "standort")


def test_there_is_no_glossary_for_a_language_that_nobody_wrote_one_for() -> None:
    assert load_lexicon("nl") is None


@pytest.mark.parametrize(
    ("around", "text"),
    [
        pytest.param(
            "# Datenschutzerklärung\n\nWir schützen Ihre Daten und die der anderen.\n\n{}\n",
            "Sie können {} Tage lang eine Erstattung verlangen.", id="de",
        ),
        pytest.param(
            "# Politique de confidentialité\n\nNous protégeons votre vie privée et celle de vos proches.\n\n{}\n",
            "Vous pouvez sous {} jours demander un remboursement.", id="fr",
        ),
        pytest.param(
            "# Política de privacidad\n\nProtegemos los datos de usted y los de todas las personas.\n\n{}\n",
            "Usted puede, dentro de {} días, pedir el reembolso.", id="es",
        ),
        pytest.param("# 隐私政策\n\n我们的商店每天开放。\n\n{}\n", "您可以在{}天内要求退款。", id="zh"),
    ],
)  # fmt: skip
def test_what_users_may_is_no_month_of_may(around: str, text: str) -> None:
    old, new = (read_policy(around.format(text.format(days))) for days in (30, 10))
    assert [one.direction for one in compare(old, new).changes if one.material] == ["weaker"]
