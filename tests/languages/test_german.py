"""Traps of German: verbs in two parts, denials behind them, "Sie" and "sie", silence as consent, times in one word."""

from __future__ import annotations

import pytest

from monitor.reading.commitments import commitments
from monitor.reading.policy import read_policy
from tests.languages.placed import Placed

# Enough German around one sentence that nobody takes its language for another.
AROUND = """# Datenschutzerklärung

Diese Seite erläutert, woraus unser Angebot besteht und wie es für alle Menschen gemacht ist, die es besuchen.

{}

Unser Laden ist an allen Tagen der Woche geöffnet und liegt im Süden der Stadt.
"""


PLACED = Placed(AROUND)
policy, commitment, directions = PLACED.policy, PLACED.commitment, PLACED.directions


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Eine Weitergabe an Dritte erfolgt nicht.", id="a noun, and not at the end"),
        pytest.param(
            "Eine Übermittlung Ihrer Daten in Drittländer findet nicht statt.", id="findet nicht statt"
        ),
        pytest.param("Weder verkaufen wir Ihre Daten noch geben wir sie an Dritte weiter.", id="weder noch"),
        pytest.param("Verkauft werden Ihre Daten nicht.", id="the participle first"),
        pytest.param("Wir sehen davon ab, Ihre Daten an Dritte zu verkaufen.", id="davon absehen"),
        pytest.param("Wir verzichten auf den Verkauf Ihrer Daten.", id="verzichten"),
        pytest.param("Ein Verkauf Ihrer Daten ist ausgeschlossen.", id="ausgeschlossen"),
        pytest.param(
            "Wir beabsichtigen nicht, Ihre Daten an ein Drittland zu übermitteln.", id="no intention"
        ),
        pytest.param("Wir teilen Ihre Daten nicht mit Dritten.", id="teilen, not mitteilen"),
        pytest.param("Kreditkartendaten speichern wir nicht mehr.", id="no longer"),
        pytest.param("Wir geben Ihre Daten nicht weiter.", id="not within a verb in two parts"),
        pytest.param("Der Anbieter haftet im Übrigen nicht.", id="the provider is who speaks"),
    ],
)
def test_what_we_deny(text: str) -> None:
    assert commitment(text).stance == "will-not"


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        pytest.param("Es kann vorkommen, dass wir Ihre Daten an Dienstleister weitergeben.", "may", id="may happen"),
        pytest.param("Unter Umständen geben wir Ihre Daten an Auskunfteien weiter.", "may", id="in some cases"),
        pytest.param("Wir sind berechtigt, Ihr Konto zu sperren.", "may", id="entitled"),
        pytest.param("Der Anbieter kann den Zugang jederzeit sperren.", "may", id="the provider"),
        pytest.param("Wir löschen Ihre Daten, sobald sie nicht mehr erforderlich sind.", "will", id="no denial"),
        pytest.param("Wir teilen Ihnen Änderungen 14 Tage im Voraus mit.", "will", id="mitteilen, not teilen"),
        pytest.param("Sie werden nach 30 Tagen gelöscht.", "will", id="Sie: the data"),
        pytest.param("Ihnen steht ein Widerspruchsrecht zu.", "user-may", id="a right that stands to you"),
        pytest.param("Sie müssen uns Ihr Geburtsdatum nicht mitteilen.", "user-may", id="free not to"),
        pytest.param("Sie sind nicht verpflichtet, uns Ihre Rufnummer mitzuteilen.", "user-may", id="not bound"),
        pytest.param("Kunden können den Vertrag jederzeit kündigen.", "user-may", id="customers"),
        pytest.param(
            "Sie haben das Recht, unentgeltlich Auskunft über Ihre Daten zu erhalten.", "user-may",
            id="free of charge denies nothing",
        ),
        pytest.param("Sie dürfen unsere Dienste nicht für Werbung nutzen.", "user-must", id="not, far behind"),
        pytest.param("Du darfst keine Viren hochladen.", "user-must", id="no, and du"),
        pytest.param("Nutzer:innen dürfen keine Werbung posten.", "user-must", id="a colon within a word"),
        pytest.param("Es ist Ihnen nicht gestattet, die Inhalte zu kopieren.", "user-must", id="not allowed"),
        pytest.param("Der Kunde hat seine Zugangsdaten geheim zu halten.", "user-must", id="has to"),
        pytest.param("Sie räumen uns ein weltweites Nutzungsrecht an Ihren Inhalten ein.", "user-must", id="grants"),
        pytest.param("Mit der Nutzung stimmen Sie diesen Bedingungen zu.", "user-must", id="you agree"),
    ],
)  # fmt: skip
def test_who_may_must_and_will(text: str, stance: str) -> None:
    assert commitment(text).stance == stance


def test_what_others_may_is_no_right_of_the_user() -> None:
    text = "Auf diesem Weg können {} Ihre Daten auch für eigene Zwecke nutzen."
    assert commitment(text.format("Sie")).stance == "user-may"
    assert all(one.stance != "user-may" for one in commitments(policy(text.format("sie"))))


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [
        pytest.param("Für Rechnungen gilt eine zehnjährige Aufbewahrungsfrist.", "P10Y", "exact", id="one word"),
        pytest.param("Wir speichern Protokolle ein halbes Jahr lang.", "P6M", "exact", id="half a year"),
        pytest.param("Logfiles werden spätestens nach sieben Tagen gelöscht.", "P7D", "max", id="at the latest"),
        pytest.param(
            "Wir informieren Sie spätestens zwei Wochen vor dem Inkrafttreten.", "P2W", "min",
            id="at the latest before is at least",
        ),
        pytest.param("Die Daten werden für eine Dauer von zwei Jahren gespeichert.", "P2Y", "exact", id="a period"),
    ],
)  # fmt: skip
def test_lengths_of_time(text: str, value: str, bound: str) -> None:
    assert [(one.value, one.bound) for one in commitment(text).durations] == [(value, bound)]


def test_an_age_is_no_length_of_time() -> None:
    assert commitment("Die Nutzung ist erst ab 16 Jahren erlaubt.").durations == ()


def test_a_date_parts_no_sentence() -> None:
    text = "Ab dem 1. Januar 2026 speichern wir Ihre Daten 30 Tage lang."
    assert commitment(text).topic == "retention"


@pytest.mark.parametrize(
    ("text", "exception"),
    [
        pytest.param(
            "Wir nutzen Ihre E-Mail-Adresse für Werbung, sofern Sie nicht widersprechen.",
            "sofern Sie nicht widersprechen", id="silence is consent",
        ),
        pytest.param(
            "Wir geben Ihre Daten nicht weiter, soweit wir nicht gesetzlich dazu verpflichtet sind.",
            "soweit wir nicht gesetzlich dazu verpflichtet sind", id="the law",
        ),
    ],
)  # fmt: skip
def test_exceptions_are_quoted_as_they_stand(text: str, exception: str) -> None:
    assert [one.text for one in commitment(text).exceptions] == [exception]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "Eine Weitergabe Ihrer Daten an Dritte findet nicht statt.",
            "Eine Weitergabe Ihrer Daten an Dritte findet statt.", id="one word goes",
        ),
        pytest.param(
            "Mit Ihrer Einwilligung nutzen wir Ihre E-Mail-Adresse für Werbung.",
            "Sofern Sie nicht widersprechen, nutzen wir Ihre E-Mail-Adresse für Werbung.", id="opt-in becomes opt-out",
        ),
        pytest.param(
            "Wir geben Ihre Daten nicht an Dritte weiter.",
            "Wir geben Ihre Daten nicht an Dritte weiter, es sei denn, wir sind gesetzlich dazu verpflichtet.",
            id="an exception",
        ),
        pytest.param(
            "Sie können Ihr Konto jederzeit kündigen.",
            "Sie können Ihr Konto in den ersten zwölf Monaten nicht kündigen.", id="a right is gone",
        ),
        pytest.param(
            "Wir informieren Sie 30 Tage im Voraus über Änderungen.",
            "Wir informieren Sie 14 Tage im Voraus über Änderungen.", id="a shorter notice",
        ),
        pytest.param(
            "Wir geben Ihre Daten ausschließlich mit Ihrer Einwilligung weiter.",
            "Wir geben Ihre Daten auch ohne Ihre Einwilligung weiter.", id="without consent",
        ),
    ],
)  # fmt: skip
def test_what_gets_worse(old: str, new: str) -> None:
    assert directions(old, new) == {"weaker"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Wir können Ihre Daten verkaufen.", "Wir verkaufen Ihre Daten nicht.", id="a denial comes"),
        pytest.param(
            "Sie müssen uns Ihre Telefonnummer mitteilen.", "Sie müssen uns Ihre Telefonnummer nicht mitteilen.",
            id="no longer bound",
        ),
        pytest.param(
            "Unser Angebot richtet sich nicht an Personen, die das 14. Lebensjahr noch nicht vollendet haben.",
            "Unser Angebot richtet sich nicht an Personen, die das 16. Lebensjahr noch nicht vollendet haben.",
            id="an ordinal",
        ),
    ],
)  # fmt: skip
def test_what_gets_better(old: str, new: str) -> None:
    assert directions(old, new) == {"stronger"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Wir verkaufen Ihre Daten nicht.", "Ihre Daten verkaufen wir nicht.", id="the order"),
        pytest.param("Wir verkaufen Ihre Daten nicht.", "Wir verkaufen deine Daten nicht.", id="Sie becomes du"),
        pytest.param(
            "Wir geben Ihre Daten nicht an Dritte weiter.", "Eine Weitergabe Ihrer Daten an Dritte erfolgt nicht.",
            id="a verb becomes a noun",
        ),
        pytest.param(
            "Wir verkaufen Ihre Daten nicht.", "Ein Verkauf Ihrer Daten findet nicht statt.", id="other words"
        ),
        pytest.param(
            "Ihre Daten werden nach 30 Tagen gelöscht.", "Wir löschen Ihre Daten nach dreißig Tagen.", id="passive"
        ),
        pytest.param(
            "Wir speichern Ihre Daten zwölf Monate lang.", "Wir speichern Ihre Daten ein Jahr lang.", id="a year"
        ),
        pytest.param(
            "Ihnen steht ein Recht auf Auskunft zu.", "Sie haben ein Recht auf Auskunft.", id="a right in other words"
        ),
        pytest.param(
            "Wir informieren Sie spätestens zwei Wochen vor dem Inkrafttreten.",
            "Wir informieren Sie mindestens zwei Wochen vor dem Inkrafttreten.", id="at the latest, at least",
        ),
        pytest.param(
            "Wir verarbeiten Ihre Daten gem. Art. 6 Abs. 1 lit. b DSGVO.",
            "Wir verarbeiten Ihre Daten gemäß Artikel 6 Absatz 1 Buchstabe b DSGVO.", id="abbreviations",
        ),
        pytest.param("Stand: 25. Mai 2018", "Stand: 3. Juni 2019", id="the date"),
        pytest.param("Stand: 3. Mai 2021", "Stand: 9. Mai 2023", id="may the month"),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_silent(old: str, new: str) -> None:
    assert directions(old, new) == set()


@pytest.mark.parametrize(
    ("verb", "apart", "infinitive", "participle"),
    [
        ("verkaufen", "", "verkaufen", "verkauft"),
        ("geben", " weiter", "weitergeben", "weitergegeben"),
        ("legen", " offen", "offenlegen", "offengelegt"),
        ("vermieten", "", "vermieten", "vermietet"),
        ("leiten", " weiter", "weiterleiten", "weitergeleitet"),
    ],
)
@pytest.mark.parametrize(
    "denial",
    ["nicht", "niemals", "nie", "nicht mehr", "keinesfalls", "unter keinen Umständen", "auf keinen Fall"],
)
def test_a_denial_is_heard_wherever_it_stands(
    denial: str, verb: str, apart: str, infinitive: str, participle: str
) -> None:
    for text in (
        f"Wir {verb} Ihre Daten {denial} an Dritte{apart}.",
        f"Ihre Daten {verb} wir {denial} an Dritte{apart}.",
        f"Wir werden Ihre Daten {denial} an Dritte {infinitive}.",
        f"Ihre Daten werden {denial} an Dritte {participle}.",
        f"Wir haben Ihre Daten {denial} an Dritte {participle}.",
        f"{infinitive.capitalize()} werden wir Ihre Daten {denial}.",
        f"Wir sichern Ihnen zu, dass wir Ihre Daten {denial} an Dritte {infinitive}.",
    ):
        assert commitment(text).stance == "will-not", text


@pytest.mark.parametrize(
    "denial", ["Niemals", "Nie", "Keinesfalls", "Unter keinen Umständen", "Auf keinen Fall"]
)
def test_a_denial_may_open_the_sentence(denial: str) -> None:
    assert commitment(f"{denial} werden wir Ihre Daten an Dritte weitergeben.").stance == "will-not"


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        pytest.param("An Datenhändler verkaufen wir nichts.", "will-not", id="nothing"),
        pytest.param("Wir geben Ihre Daten niemandem weiter.", "will-not", id="to nobody"),
        pytest.param("Niemand verkauft Ihre Daten.", "will-not", id="nobody does"),
        pytest.param(
            "Dass unser Dienst jederzeit erreichbar ist, können wir nicht versprechen.", "will-not",
            id="at any time grants nothing",
        ),
        pytest.param("Sie dürfen nur ein Konto führen.", "user-must", id="may only"),
    ],
)  # fmt: skip
def test_words_that_deny_or_bind_alone(text: str, stance: str) -> None:
    assert commitment(text).stance == stance


def test_items_below_a_ban_are_banned() -> None:
    text = AROUND.format("Untersagt sind:\n\n- Hassrede und Drohungen\n- das Versenden von Werbung")
    stances = {one.text: one.stance for one in commitments(read_policy(text))}
    assert stances["Hassrede und Drohungen"] == "user-must"
