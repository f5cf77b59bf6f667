"""Something that took the place of another: a place, a recipient, a party to the contract, a legal basis.

Which of the two is better for the user, nobody can tell: such a change matters, and is neutral.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from monitor.reading.practices import in_list_of_processors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Topic
    from monitor.comparison.slots import Edit

# Acts by which data come to a place, and how the lexicon has places.
MOVING = frozenset({"keep", "transfer", "share", "use"})
PLACE = ("weighty", "place")
# Where data are, besides what is done with them; and what gives them to somebody.
_KEEPING = frozenset("servers server located stored host hosts hosted centers centres center centre".split())
_LAW = frozenset({"law", "laws", "court", "courts", "jurisdiction"})
# What a law does to a contract, and what courts do.
_GOVERNING = frozenset(
    "govern governed governs governing construed interpreted jurisdiction dispute disputes apply applies applicable "
    "claim claims proceedings suit suits lawsuit arbitration decide decided exclusive competent venue brought "
    "subject resolved settled".split()
)
_GIVING = frozenset({"share", "sell", "transfer"})
_TOWARDS = frozenset({"with", "to", "by"})


def another_instead(edit: Edit) -> bool:
    """Whether another place, recipient or party to the contract took the place of one."""
    exchanged = places_exchanged(edit) or _recipient_exchanged(edit) or entity_exchanged(edit)
    return exchanged or _listed_exchanged(edit)


def places_exchanged(edit: Edit) -> bool:
    """Whether data, or courts, are at another place now ("our servers are in Iceland", "... in Brazil")."""
    changed = [
        {i for hit in hits if hit[:2] == PLACE for i in range(hit.start, hit.end)}.issuperset(positions)
        for hits, (_, positions) in zip((edit.went, edit.came), edit.difference.sides, strict=True)
    ]
    kept = governed(edit) or not _KEEPING.isdisjoint(edit.old.words)
    kept = kept or any(act.kind in MOVING for act in edit.old.acts)
    return not edit.pure and all(changed) and kept


def governed(edit: Edit) -> bool:
    """Whether both sides tell which law governs, or which courts decide."""
    moved = any(
        act.kind in MOVING and act.actor == "company" for side in (edit.old, edit.new) for act in side.acts
    )
    return not moved and all(
        not _LAW.isdisjoint(side.words) and not _GOVERNING.isdisjoint(side.words)
        for side in (edit.old, edit.new)
    )


def _recipient_exchanged(edit: Edit) -> bool:
    """Whether data go to somebody else by name now ("we share them with Orchid", "we share them with Rose")."""
    if edit.pure or not any(act.kind in _GIVING and act.actor == "company" for act in edit.old.acts):
        return False
    return all(
        all(side.capital[i] for i in positions)
        and not _TOWARDS.isdisjoint(side.words[max(0, positions[0] - 2) : positions[0]])
        for side, positions in edit.difference.sides
    )


def entity_exchanged(edit: Edit) -> bool:
    """Whether somebody else is the other side of the contract now, or decides about the data."""
    if edit.pure or not all(_names_side(side.words) for side in (edit.old, edit.new)):
        return False
    named = all(
        all(side.capital[i] or side.words[i].isdecimal() or side.words[i] in _LEGAL_FORMS for i in positions)
        for side, positions in edit.difference.sides
    )
    forms = [
        {_LONG_FORMS.get(word, word) for word in side.words if word in _LEGAL_FORMS}
        for side in (edit.old, edit.new)
    ]
    given = any(act.kind in _GIVING and act.actor == "company" for act in edit.old.acts)
    return named and not given and all(forms) and forms[0] != forms[1]


def _listed_exchanged(edit: Edit) -> bool:
    """Whether an entry of a list of recipients names somebody else now ("Orchid: parcels", "Rose: parcels")."""
    if edit.pure or not in_list_of_processors(edit.old):
        return False
    return all(
        positions and positions[0] == 0 and all(side.capital[i] for i in positions)
        for side, positions in edit.difference.sides
    )


def exchanges_basis(edit: Edit, topic: Topic) -> bool:
    """Whether data are used on another legal basis now (article 6 of the GDPR)."""
    if topic != "use":
        return False
    both = edit.difference
    if not _REVOKING.isdisjoint((*both.deleted_words, *both.inserted_words)):
        return False
    for positions, touched in ((both.deleted, edit.went), (both.inserted, edit.came)):
        basis = {i for hit in touched if hit[:2] == _BASIS for i in range(hit.start, hit.end)}
        if basis.isdisjoint(positions) or sum(i not in basis for i in positions) > _BESIDE_BASIS:
            return False
    return True


_BASIS = ("meta", "basis")
_BESIDE_BASIS = 3
_REVOKING = frozenset("withdraw revoke object refuse opt".split())


def exchanges_names(edit: Edit) -> bool:
    """Whether somebody else by name does it now ("hosted by Orchid", "hosted by Rose")."""
    return all(
        positions
        and all(side.capital[i] for i in positions)
        and side.words[positions[0] - 1 : positions[0]] in _BY
        for side, positions in edit.difference.sides
    )


_BY = (["by"], ["with"], ["through"], ["via"], ["using"])


def _names_side(words: Sequence[str]) -> bool:
    """Whether a sentence tells with whom the contract is, or who decides about data."""
    return not _SIDES.isdisjoint(words) or ("by" in words and not _RUN.isdisjoint(words))


_SIDES = frozenset("contract contracts contracting agreement controller controllers".split())
_RUN = frozenset("operated provided run offered".split())
_LEGAL_FORMS = frozenset(
    "inc ltd limited llc llp lp gmbh ag se sa sas sarl bv b.v nv n.v plc corp corporation pty pte ab oy aps a.s srl "
    "s.r.l spa s.p.a s.a kg ug ohg kk co".split()
)


_LONG_FORMS = {
    "limited": "ltd",
    "incorporated": "inc",
    "corporation": "corp",
    "company": "co",
    "n.v": "nv",
    "b.v": "bv",
}
