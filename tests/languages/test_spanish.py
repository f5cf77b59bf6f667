"""The traps of Spanish: no subjects, passives with "se", denials in two places, consent by silence, both shores."""

from __future__ import annotations

import pytest

from tests.languages.placed import Placed

# Enough Spanish around one sentence that nobody takes its language for another.
AROUND = """# Política de privacidad

Esta página explica en qué consiste nuestro servicio y cómo está hecho para todas las personas que lo visitan.

{}

Nuestra tienda está abierta todos los días.
"""


PLACED = Placed(AROUND)
policy, commitment, directions = PLACED.policy, PLACED.commitment, PLACED.directions


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Ya no compartimos datos con redes publicitarias.", id="no longer"),
        pytest.param("Tampoco vendemos datos agregados.", id="neither"),
        pytest.param("Ni vendemos ni cedemos tus datos.", id="nor before the first verb"),
        pytest.param("No vendemos, alquilamos ni compartimos sus datos con nadie.", id="several verbs"),
        pytest.param("En ningún caso venderemos tus datos.", id="in no case"),
        pytest.param("Nunca te pediremos tu contraseña por correo.", id="a pronoun before the verb"),
        pytest.param("Sus datos personales no se venderán a terceros.", id="a passive with se"),
        pytest.param("No se cederán datos a terceros.", id="a passive with se, verb first"),
        pytest.param("Sus datos no serán cedidos a terceros.", id="a passive with ser"),
        pytest.param("Nos comprometemos a no ceder sus datos a terceros.", id="an infinitive that is denied"),
        pytest.param("No tenemos previsto transferir sus datos a terceros países.", id="nothing is planned"),
        pytest.param("No responderemos de los retrasos.", id="not liable"),
        pytest.param("Estos datos no los compartimos.", id="an object between"),
        pytest.param("El titular de este sitio web no cede datos a terceros.", id="the owner of the site"),
        pytest.param(
            "La empresa no le enviará publicidad.", id="a pronoun before a verb of the third person"
        ),
    ],
)
def test_what_we_deny(text: str) -> None:
    assert commitment(text).stance == "will-not"


@pytest.mark.parametrize(
    ("text", "stance"),
    [
        pytest.param("Es posible que compartamos tus datos con socios comerciales.", "may", id="subjunctive"),
        pytest.param("Sus datos podrán ser comunicados a empresas del grupo.", "may", id="passive"),
        pytest.param("Podremos cancelar tu cuenta si incumples estas condiciones.", "may", id="we may"),
        pytest.param("Tenés derecho a acceder a tus datos.", "user-may", id="voseo"),
        pytest.param("Vos podés pedir la eliminación de tus datos.", "user-may", id="voseo: may"),
        pytest.param("Podrá ejercer los derechos ARCO en cualquier momento.", "user-may", id="arco"),
        pytest.param("Puede darse de baja de nuestro boletín.", "user-may", id="usted is left out"),
        pytest.param("No estás obligado a darnos tus datos.", "user-may", id="free not to"),
        pytest.param("Queda prohibido reproducir los contenidos.", "user-must", id="it is prohibited"),
        pytest.param("No puedes compartir tu contraseña con terceros.", "user-must", id="you may not"),
        pytest.param("Te comprometes a no publicar contenidos ilícitos.", "user-must", id="you agree not to"),
        pytest.param("Usted nos otorga una licencia mundial sobre su contenido.", "user-must", id="you grant"),
        pytest.param("Se le notificará por correo electrónico cualquier cambio.", "will", id="se le"),
        pytest.param("La suscripción se renovará automáticamente cada mes.", "will", id="it renews"),
    ],
)  # fmt: skip
def test_who_may_must_and_will(text: str, stance: str) -> None:
    assert commitment(text).stance == stance


@pytest.mark.parametrize(
    ("text", "value", "bound"),
    [
        pytest.param("Los registros se guardan un máximo de treinta días.", "P30D", "max", id="at most"),
        pytest.param("Borraremos su cuenta tras doce meses de inactividad.", "P12M", "exact", id="after"),
        pytest.param("Retenemos las facturas por un período de diez años.", "P10Y", "exact", id="a period"),
        pytest.param("Le reembolsaremos el importe en un plazo de 14 días.", "P14D", "max", id="within"),
    ],
)
def test_lengths_of_time(text: str, value: str, bound: str) -> None:
    assert [(one.value, one.bound) for one in commitment(text).durations] == [(value, bound)]


@pytest.mark.parametrize(
    ("text", "exception"),
    [
        pytest.param(
            "Si usted no manifiesta su negativa, sus datos serán transferidos a terceros.",
            "Si usted no manifiesta su negativa", id="silence is consent",
        ),
        pytest.param(
            "No cedemos sus datos a terceros, salvo obligación legal.", "salvo obligación legal", id="the law"
        ),
    ],
)  # fmt: skip
def test_exceptions_are_quoted_as_they_stand(text: str, exception: str) -> None:
    assert [one.text for one in commitment(text).exceptions] == [exception]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "No cedemos sus datos a terceros.", "No cedemos sus datos a terceros, salvo obligación legal.",
            id="an exception",
        ),
        pytest.param(
            "Le enviaremos comunicaciones comerciales con su consentimiento.",
            "Le enviaremos comunicaciones comerciales, salvo que usted se oponga.", id="opt-in becomes opt-out",
        ),
        pytest.param(
            "Sus datos se conservarán durante un año.", "Sus datos se conservarán durante cinco años.",
            id="longer",
        ),
        pytest.param(
            "Le avisaremos con 30 días de antelación.", "Le avisaremos con 15 días de antelación.",
            id="shorter notice",
        ),
        pytest.param(
            "No utilizamos sus mensajes para publicidad.", "Podemos utilizar sus mensajes para publicidad.",
            id="never becomes maybe",
        ),
        pytest.param(
            "Usted puede cancelar su suscripción en cualquier momento.",
            "Usted no puede cancelar su suscripción durante los primeros doce meses.", id="a right is gone",
        ),
    ],
)  # fmt: skip
def test_what_gets_worse(old: str, new: str) -> None:
    assert directions(old, new) == {"weaker"}


def test_what_gets_better() -> None:
    assert directions("Podemos vender sus datos.", "Ya no vendemos sus datos.") == {"stronger"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param(
            "No vendemos sus datos personales.", "Nosotros no vendemos sus datos personales.", id="a subject"
        ),
        pytest.param(
            "No vendemos sus datos personales.", "Nunca vendemos tus datos personales.", id="usted becomes tú"
        ),
        pytest.param(
            "Sus datos serán eliminados en un plazo de 30 días.",
            "Eliminaremos sus datos en un plazo de treinta días.", id="passive becomes active",
        ),
        pytest.param(
            "Usted puede retirar su consentimiento en cualquier momento.",
            "Tiene derecho a retirar su consentimiento en cualquier momento.", id="may becomes a right",
        ),
    ],
)  # fmt: skip
def test_other_words_for_the_same_are_silent(old: str, new: str) -> None:
    assert directions(old, new) == set()


@pytest.mark.parametrize("verb", ["vendemos", "compartiremos", "podemos ceder", "hemos vendido"])
@pytest.mark.parametrize("pronoun", ["", "le ", "te ", "los ", "se los "])
@pytest.mark.parametrize("denial", ["No", "Nunca", "Ya no", "Tampoco", "Ni", "En ningún caso", "Nosotros no"])
def test_no_pronoun_comes_between_a_denial_and_its_verb(denial: str, pronoun: str, verb: str) -> None:
    assert commitment(f"{denial} {pronoun}{verb} datos personales a terceros.").stance == "will-not"
