"""The dates that policies state of themselves."""

from __future__ import annotations

import pytest

from monitor.reading.dates import stated_dates, states_retroactivity

ENGLISH = "\n\nWe collect your name and your address when you place an order with us.\n"
GERMAN = "\n\nWir erheben die Daten, die Sie uns für den Vertrag und die Lieferung mit auf den Weg geben.\n"
FRENCH = "\n\nNous collectons les données que vous nous donnez pour la livraison de vos achats dans les magasins.\n"
SPANISH = (
    "\n\nRecogemos los datos que usted nos da para el envío de los pedidos por correo y para la factura.\n"
)
CHINESE = "\n\n我们收集您提供的姓名和地址，用于配送您的订单，并保护您的个人信息。\n"


@pytest.mark.parametrize(
    ("line", "updated", "effective"),
    [
        ("Last updated: 1 May 2020", "2020-05-01", None),
        ("**Last Updated:** May 1st, 2020", "2020-05-01", None),
        ("This policy was last updated on the 3rd of March, 2021.", "2021-03-03", None),
        ("Last modified: 2020-05-01", "2020-05-01", None),
        ("Revised: 1-Mar-2026", "2026-03-01", None),
        ("Last revision 13/04/2020", "2020-04-13", None),
        ("Posted Sept. 1, 2019", "2019-09-01", None),
        ("Last updated\n\nJune 2022", "2022-06", None),
        ("| Last updated | 5 June 2022 |", "2022-06-05", None),
        ("Effective as of 22 February 2023", None, "2023-02-22"),
        ("Effective Date: May 25, 2018", None, "2018-05-25"),
        ("These terms come into force on 1 January 2024.", None, "2024-01-01"),
        ("Last updated and effective: May 25, 2018", "2018-05-25", "2018-05-25"),
        ("Last updated May 1, 2019, effective June 1, 2019", "2019-05-01", "2019-06-01"),
        ("Effective 13 March 2020 (updated: March 20th 2020)", "2020-03-20", "2020-03-13"),
        ("Effective Date\n\nLast updated: May 1, 2020", "2020-05-01", None),
    ],
)
def test_english_forms(line: str, updated: str | None, effective: str | None) -> None:
    for text in (f"# Policy\n\n{line}{ENGLISH}", f"# Policy{ENGLISH * 200}\n{line}\n"):
        found = stated_dates(text)
        assert (found.updated and found.updated.iso, found.effective and found.effective.iso) == (
            updated,
            effective,
        )


@pytest.mark.parametrize(
    ("line", "updated", "effective"),
    [
        ("Stand: 1. März 2026" + GERMAN, "2026-03-01", None),
        ("Zuletzt aktualisiert am 02.03.2026, gültig ab 1. April 2026" + GERMAN, "2026-03-02", "2026-04-01"),
        ("Dernière mise à jour : 1er mars 2026" + FRENCH, "2026-03-01", None),
        ("Dernière actualisation : 1er mars 2026" + FRENCH, "2026-03-01", None),
        ("À jour au 1er mars 2026" + FRENCH, "2026-03-01", None),
        ("最近更新时间：2026-03-01" + CHINESE, "2026-03-01", None),
        ("Date d’entrée en vigueur : 2 avril 2026" + FRENCH, None, "2026-04-02"),
        ("Última actualización: 1 de marzo de 2026" + SPANISH, "2026-03-01", None),
        ("Fecha de entrada en vigor: 02/03/2026" + SPANISH, None, "2026-03-02"),
        ("更新日期：2023年3月1日 生效日期：2023年3月8日" + CHINESE, "2023-03-01", "2023-03-08"),
        ("本政策自2023年3月8日起生效。" + CHINESE, None, "2023-03-08"),
    ],
)
def test_other_languages_by_their_calendars(line: str, updated: str | None, effective: str | None) -> None:
    found = stated_dates(line)
    assert (found.updated and found.updated.iso, found.effective and found.effective.iso) == (
        updated,
        effective,
    )


@pytest.mark.parametrize(
    "line",
    [
        "See the previous version effective 1 May 2018.",
        "Archived policies: updated 1 May 2018",
        "We last updated our servers. May 2020 was a busy month.",
        "Copyright 2020. Updated 31 February 2020.",
        "On 1 May 2020 we opened our shop.",
        "Last updated: soon",
        "Effective until 1 May 2020",
    ],
)
def test_a_date_that_is_not_of_this_version_is_none(line: str) -> None:
    found = stated_dates(f"# Policy\n\n{line}{ENGLISH}")
    assert (found.updated, found.effective) == (None, None)


def test_a_date_in_figures_may_be_one_of_two_days() -> None:
    found = stated_dates(f"Last updated: 03/04/2020{ENGLISH}").updated
    assert found is not None
    assert (found.iso, found.first.isoformat(), found.last.isoformat()) == (None, "2020-03-04", "2020-04-03")


def test_the_words_are_verbatim_and_without_markup() -> None:
    found = stated_dates(f"*Last  updated:*\u00a0[May 1st, 2020](/changes){ENGLISH}").updated
    assert found is not None
    assert found.text.replace("\u00a0", " ") == "Last updated: May 1st, 2020"


@pytest.mark.parametrize(
    ("sentence", "said"),
    [
        ("These changes apply retroactively to all of our customers.", True),
        ("This policy applies to information we collected before its effective date.", True),
        ("The new terms apply to all information that we hold, regardless of when it was collected.", True),
        ("Diese Änderungen gelten rückwirkend für alle Daten, die wir von Ihnen haben.", True),
        ("We will not apply changes retroactively.", False),
        ("Changes won’t be retroactive.", False),
        ("You may delete information that we collected before you closed your account.", False),
        ("We delete data collected before your request.", False),
    ],
)
def test_retroactivity_that_a_sentence_states(sentence: str, said: bool) -> None:
    assert states_retroactivity(sentence) is said
