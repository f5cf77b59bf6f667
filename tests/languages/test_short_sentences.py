"""The shortest sentences of every language: a promise that goes, a setting that turns round, a rate, an age."""

from __future__ import annotations

import pytest

from tests.languages.placed import Placed

AROUND = {
    "de": Placed(
        "# Datenschutz\n\n"
        "## Ihre Daten\n\n"
        "Unsere Mitarbeiter beantworten Ihre Fragen gern und freundlich.{}\n\n"
        "Sie erreichen uns jederzeit per Post und auch am Telefon.\n\n"
        "## Mehr\n\n"
        "Wir führen Aufzeichnungen über Ihre Einkäufe, um Garantien zu erfüllen."
    ),
    "fr": Placed(
        "# Confidentialité\n\n"
        "## Vos données\n\n"
        "Notre équipe répond à vos questions avec plaisir.{}\n\n"
        "Vous pouvez nous joindre par courrier à tout moment.\n\n"
        "## Plus\n\n"
        "Nous tenons un registre de vos achats pour assurer la garantie."
    ),
    "es": Placed(
        "# Privacidad\n\n"
        "## Sus datos\n\n"
        "Nuestro equipo responde a sus preguntas con mucho gusto.{}\n\n"
        "Puede escribirnos por correo en cualquier momento.\n\n"
        "## Más\n\n"
        "Llevamos un registro de sus compras para ofrecer la garantía."
    ),
    "zh": Placed(
        "# 隐私政策\n\n"
        "## 您的数据\n\n"
        "我们的员工会回答您的问题。{}\n\n"
        "您可以随时写信给我们。\n\n"
        "## 更多\n\n"
        "我们保存您的购买记录以便提供保修服务。"
    ),
}

# Each from a sentence to one that is worse for the user to have; "" is none.
WORSE = [
    ("de", "Daten werden niemals verkauft.", ""),
    ("de", "Es werden keine Cookies verwendet.", ""),
    ("de", "Passwörter werden verschlüsselt.", ""),
    ("de", "Es werden keine Daten weitergegeben.", ""),
    ("de", "IP-Adressen werden nicht gespeichert.", ""),
    ("de", "Protokolle werden 30 Tage gespeichert.", "Protokolle werden 60 Tage gespeichert."),
    ("de", "Tracking ist standardmäßig deaktiviert.", "Tracking ist standardmäßig aktiviert."),
    ("de", "Anrufe werden nicht aufgezeichnet.", "Anrufe werden aufgezeichnet."),
    ("de", "Ihre Fotos sind privat.", "Ihre Fotos sind öffentlich."),
    ("de", "Die Angabe ist freiwillig.", "Die Angabe ist verpflichtend."),
    ("de", "Newsletter werden monatlich versandt.", "Newsletter werden täglich versandt."),
    ("de", "Niemand liest Ihre Nachrichten.", "Unsere Mitarbeiter lesen Ihre Nachrichten."),
    ("fr", "Les données ne sont jamais vendues.", ""),
    ("fr", "Aucun cookie n'est utilisé.", ""),
    ("fr", "Les mots de passe sont chiffrés.", ""),
    ("fr", "Aucune donnée n'est partagée.", ""),
    ("fr", "Les adresses IP ne sont pas conservées.", ""),
    ("fr", "Les journaux sont conservés 30 jours.", "Les journaux sont conservés 60 jours."),
    ("fr", "Le suivi est désactivé par défaut.", "Le suivi est activé par défaut."),
    ("fr", "Les appels ne sont pas enregistrés.", "Les appels sont enregistrés."),
    ("fr", "Vos photos sont privées.", "Vos photos sont publiques."),
    ("fr", "Cette information est facultative.", "Cette information est obligatoire."),
    ("fr", "Les utilisateurs doivent avoir 18 ans.", "Les utilisateurs doivent avoir 16 ans."),
    ("fr", "La lettre est envoyée chaque mois.", "La lettre est envoyée chaque jour."),
    ("fr", "Personne ne lit vos messages.", "Notre équipe lit vos messages."),
    ("es", "Los datos nunca se venden.", ""),
    ("es", "No se utilizan cookies.", ""),
    ("es", "Las contraseñas están cifradas.", ""),
    ("es", "No se comparte ningún dato.", ""),
    ("es", "Las direcciones IP no se guardan.", ""),
    ("es", "Los registros se guardan 30 días.", "Los registros se guardan 60 días."),
    ("es", "El seguimiento está desactivado por defecto.", "El seguimiento está activado por defecto."),
    ("es", "Las llamadas no se graban.", "Las llamadas se graban."),
    ("es", "Sus fotos son privadas.", "Sus fotos son públicas."),
    ("es", "Este dato es opcional.", "Este dato es obligatorio."),
    ("es", "Los usuarios deben tener 18 años.", "Los usuarios deben tener 16 años."),
    ("es", "El boletín se envía cada mes.", "El boletín se envía cada día."),
    ("es", "Nadie lee sus mensajes.", "Nuestro equipo lee sus mensajes."),
    ("zh", "数据绝不会被出售。", ""),
    ("zh", "不使用Cookie。", ""),
    ("zh", "密码经过加密。", ""),
    ("zh", "不共享任何数据。", ""),
    ("zh", "不保存IP地址。", ""),
    ("zh", "日志保存30天。", "日志保存60天。"),
    ("zh", "跟踪默认关闭。", "跟踪默认开启。"),
    ("zh", "通话不会被录音。", "通话会被录音。"),
    ("zh", "您的照片是私密的。", "您的照片是公开的。"),
    ("zh", "此信息是可选的。", "此信息是必填的。"),
    ("zh", "用户必须年满18岁。", "用户必须年满16岁。"),
    ("zh", "每月发送一次电子报。", "每天发送一次电子报。"),
    ("zh", "没有人阅读您的消息。", "我们的员工会阅读您的消息。"),
]


@pytest.mark.parametrize(("language", "old", "new"), WORSE)
def test_a_short_sentence_that_gets_worse_or_better_is_told(language: str, old: str, new: str) -> None:
    around = AROUND[language]
    before, after = (f" {sentence}" if sentence and language != "zh" else sentence for sentence in (old, new))
    assert around.directions(before, after) == {"weaker"}
    assert around.directions(after, before) == {"stronger"}
