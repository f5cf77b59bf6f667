"""Compares two versions of a policy: alignment, noise gate, judgement, grouping."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING

from monitor.comparison.align import Pair, Unit, align, alike, similarity
from monitor.comparison.annals import dated_sections
from monitor.comparison.banner import in_banner
from monitor.comparison.changes import Change, Comparison
from monitor.comparison.judge import Bench
from monitor.comparison.numbering import skipped, stands_in
from monitor.comparison.passages import Found, hush_reworded
from monitor.comparison.sameness import content_of
from monitor.comparison.summary import NOT_ANALYSED, broken_summary, change_summary, comparison_summary
from monitor.comparison.uncollected import uncollected
from monitor.comparison.verdict import UNREAD, Verdict
from monitor.reading.clauses import is_answer
from monitor.reading.lexicon import Lexicons
from monitor.reading.markup import clean, link_targets, mask

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from monitor.comparison.align import Alignment
    from monitor.comparison.changes import Kind, Noise
    from monitor.comparison.judge import Judge
    from monitor.reading.blocks import Block
    from monitor.reading.policy import Policy

# A quote holds at most so many words.
_LONGEST_QUOTE = 100
# A version of which this share went (or came) without anything in its place is not the policy.
_VANISHED = 0.45
_APPEARED = 0.6
# A version that shares neither sentences nor vocabulary with the one before is another document.
_STRANGE = 0.8
_UNLIKE = 0.25
# Shorter words are mostly of grammar, in every European language.
_SHORT_WORD = 4
# Rows of four words are what two texts are compared by to see whether one is a part of the other.
_SHINGLE = 4
# A sentence that went and one that came are a rewriting from this similarity on, where section and topic agree.
_REWRITTEN = 0.3
# Words of content that sentences in quite other words share at least, and the share of the longer one that they are.
_KIN_WORDS, _KIN = 3, 0.4
_GRAVITY = ("high", "medium", "low")
# A sentence of which this share stands in the other version too is no news.
_COVERED = 0.75
# Two new sentences that are alike to this degree (the same clause for two regions) are told once.
_TWIN = 0.85
# Sentences so near each other came or went together.
_GAP = 3
# These are told on their own even in the midst of other news.
_SEPARATE = frozenset(
    {"sale", "ai", "children", "retention", "transfer", "legal-disclosure", "dispute", "payment"}
)


# Sentences that only lead to what follows, by the kind of their change and their order.
Leads = dict[tuple["Kind", int], "Unit"]


@dataclass
class SideBySide:
    """Two versions laid side by side: what corresponds, and what is told of the rest."""

    alignment: Alignment
    # Every change with the differences that it tells, in the order of the text.
    told: list[tuple[list[Found], Change]]
    # One of the two is not the policy: nothing is told.
    broken: bool = False


@uncollected()
def compare(old: Policy, new: Policy) -> Comparison:
    """Say what changed between two versions of a document, in which direction, and how much it matters."""
    if old.text == new.text:
        return Comparison(())
    both = lay_side_by_side(old, new)
    if both.broken:
        return Comparison((), broken=True, summary=broken_summary((old.language, new.language)))
    changes = [change for _, change in both.told]
    changes.extend(_quiet_changes(both.alignment))
    return Comparison(tuple(changes), summary=comparison_summary(changes))


def lay_side_by_side(old: Policy, new: Policy, lexicons: Lexicons | None = None) -> SideBySide:
    """Compare two versions, keeping what corresponds: `compare` tells the same changes.

    Args:
        old: a version.
        new: a later one.
        lexicons: those of the work that compares many versions, since most sentences come again.
    """
    alignment = align(old.blocks, new.blocks)
    if _is_broken(old, new, alignment):
        return SideBySide(alignment, [], broken=True)
    bench = Bench(old, new, lexicons or Lexicons())
    changed = _changed(alignment.changed, bench, old.text, new.text)
    removed = _single(alignment.removed, "removed", bench, old, new)
    added = _single(alignment.added, "added", bench, new, old)
    left = hush_reworded([*changed, *removed, *added], bench, old.text, new.text)
    changed, removed, added = (
        [entry for entry in left if entry.kind == kind] for kind in ("changed", "removed", "added")
    )
    found = [*_told_once(changed), *_rewritten(removed, added, bench, old.text, new.text)]
    found.sort(key=lambda entry: entry.place)
    leads = _leads(found)
    return SideBySide(
        alignment, [(group, _change(group, bench, old.text, new.text, leads)) for group in _grouped(found)]
    )


def _is_broken(old: Policy, new: Policy, alignment: Alignment) -> bool:
    """Whether one version is most likely not this policy: a great part went or came, or all of it is another."""
    old_size, new_size = _size(old), _size(new)
    if not old_size or not new_size:
        return True
    removed = sum(unit.end - unit.start for unit in alignment.removed)
    added = sum(unit.end - unit.start for unit in alignment.added)
    vanished = removed > _VANISHED * old_size and added < 0.2 * removed
    appeared = added > _APPEARED * new_size and removed < 0.2 * added
    if vanished or appeared:
        return True
    strange = removed > _STRANGE * old_size and added > _STRANGE * new_size
    return strange and _resemblance(old, new) < _UNLIKE


def _size(policy: Policy) -> int:
    return sum(len(block.raw) for block in policy.blocks)


def _resemblance(old: Policy, new: Policy) -> float:
    """The cosine of the two versions' words of content, 0 to 1."""
    a, b = (
        Counter(word for block in policy.blocks for word in block.words if len(word) > _SHORT_WORD)
        for policy in (old, new)
    )
    norm = sqrt(sum(n * n for n in a.values()) * sum(n * n for n in b.values()))
    return sum(count * b[word] for word, count in a.items()) / norm if norm else 0.0


def _changed(pairs: Sequence[Pair], bench: Bench, old: str, new: str) -> list[Found]:
    found = []
    for pair in pairs:
        before = old[pair.old[0].start : pair.old[-1].end]
        after = new[pair.new[0].start : pair.new[-1].end]
        judge = bench.judge_of(pair.new[0])
        verdict = judge.changed(pair, before, after) if judge else UNREAD
        found.append(Found("changed", verdict, pair.old, pair.new))
    return found


def _single(units: Sequence[Unit], kind: Kind, bench: Bench, mine: Policy, other: Policy) -> list[Found]:
    found: list[Found] = []
    seen: list[Found] = []
    unread = skipped(mine, other) if units else frozenset()
    annals = _annals(units[0], mine, bench) if units else frozenset()
    banner = in_banner(units, bench.lexicon_of)
    for unit in units:
        covered = _covered(unit, other)
        twin = None if covered else _twin_of(unit, seen)
        if covered or twin:
            verdict = Verdict(False, "other", noise="moved")
        elif unit.order in banner or stands_in(unit.block.path, unread):
            verdict = Verdict(False, "other", noise="navigation")
        elif stands_in(unit.block.path, annals):
            verdict = Verdict(False, "other", noise="other-noise")
        elif judge := bench.judge_of(unit):
            verdict = judge.single(unit, kind, mask(mine.text[unit.start : unit.end]))
        else:
            verdict = UNREAD
        removed, added = ([unit], []) if kind == "removed" else ([], [unit])
        found.append(Found(kind, verdict, removed, added, covered, twin))
        if verdict.material:
            seen.append(found[-1])
    return found


def _annals(unit: Unit, policy: Policy, bench: Bench) -> frozenset[tuple[str, ...]]:
    """The sections of a version that tell what changed in it when, in the language of one of its sentences."""
    lexicon = bench.lexicon_of(unit)
    return dated_sections(policy, lexicon) if lexicon else frozenset()


def _twin_of(unit: Unit, seen: Sequence[Found]) -> Found | None:
    return next((twin for twin in seen if alike(unit.words, (twin.old or twin.new)[0].words, _TWIN)), None)


def _told_once(found: list[Found]) -> list[Found]:
    """The same edit to the same clause for several regions is told once."""
    seen: dict[tuple[tuple[str, ...], tuple[str, ...]], Found] = {}
    for entry in found:
        if entry.verdict.material:
            words = tuple(
                tuple(word for unit in units for word in unit.words) for units in (entry.old, entry.new)
            )
            key = (words[0], words[1])
            if key in seen:
                entry.verdict = replace(entry.verdict, material=False, noise="moved")
                entry.twin = seen[key]
            seen.setdefault(key, entry)
    return found


def _rewritten(removed: list[Found], added: list[Found], bench: Bench, old: str, new: str) -> list[Found]:
    """Join a sentence that went and one that came in its section and speaks of the same: it was rewritten.

    A promise is looked for in the other sections too, since one that only moved and got other words still stands.
    """
    both = removed and added
    roots = {
        id(entry): _roots(entry, bench) for entry in (*removed, *added) if both and entry.verdict.material
    }
    likely = sorted(
        (
            (
                -similarity(gone.old[0].words, come.new[0].words),
                abs(gone.old[0].order - come.new[0].order),
                i,
                j,
            )
            for i, gone in enumerate(removed)
            if gone.verdict.material
            for j, come in enumerate(added)
            if _may_replace(gone, come, roots)
        ),
    )
    joined: list[Found] = []
    lost, won = dict(enumerate(removed)), dict(enumerate(added))
    for i, j in [*_in_same_words(removed, added, bench), *((i, j) for _, _, i, j in likely)]:
        if i in lost and j in won:
            gone, come = lost.pop(i), won.pop(j)
            joined.append(Found("changed", _of_both(gone, come, bench, old, new), gone.old, come.new))
    return [*joined, *lost.values(), *won.values()]


def _may_replace(gone: Found, come: Found, roots: Mapping[int, frozenset[str]]) -> bool:
    a, b = gone.old[0], come.new[0]
    if not come.verdict.material:
        return False
    if not (a.block.path[-1:] == b.block.path[-1:] or (gone.verdict.promise and come.verdict.promise)):
        return False
    if come.verdict.topic == gone.verdict.topic and (
        alike(a.words, b.words, _REWRITTEN) or (is_answer(a.words) and is_answer(b.words))
    ):
        return True
    return _are_kin(roots[id(gone)], roots[id(come)])


def _are_kin(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two sentences speak of the same in whatever words: most of their words of content are of one family."""
    shared = len(one & other)
    return shared >= _KIN_WORDS and shared >= _KIN * max(len(one), len(other))


def _roots(entry: Found, bench: Bench) -> frozenset[str]:
    """The families of the words of content of a sentence."""
    judge, words = _read(entry, bench)
    if judge is None:
        return frozenset()
    lexicon = judge.lexicon
    idle = lexicon.light_words | lexicon.families.idle
    return frozenset(lexicon.families.root(word) for word in words if word not in idle)


def _read(entry: Found, bench: Bench) -> tuple[Judge | None, Sequence[str]]:
    """The judge of a sentence, None where its language is not read, and its words as that one's lexicon has them."""
    unit = _place(entry)
    judge, begin = bench.judge_of(unit), unit.block.start
    if judge is None:
        return None, ()
    return judge, judge.own_words(unit.words, unit.block.raw[unit.start - begin : unit.end - begin])


def _in_same_words(
    removed: Sequence[Found], added: Sequence[Found], bench: Bench
) -> Iterator[tuple[int, int]]:
    """Yield the places of sentences whose words of content are the same ("We sell no data", "No data is sold")."""
    waiting: defaultdict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
    for j, come in enumerate(added):
        waiting[_content(come, bench)].append(j)
    for i, gone in enumerate(removed):
        content = _content(gone, bench)
        same = waiting[content] if content[1] else []
        if same and (gone.verdict.material or added[same[0]].verdict.material):
            yield i, same.pop(0)


def _content(entry: Found, bench: Bench) -> tuple[str, frozenset[str]]:
    """The language of a sentence, and the words of content in it in their common form; none where it is not read."""
    if entry.covered or _place(entry).block.kind == "heading":
        return "", frozenset()
    judge, words = _read(entry, bench)
    return ("", frozenset()) if judge is None else (judge.lexicon.language, content_of(words, judge.lexicon))


def _of_both(gone: Found, come: Found, bench: Bench, old: str, new: str) -> Verdict:
    """The verdict on a sentence that was rewritten: the graver of the two, in the direction of the whole change."""
    graver = min((gone.verdict, come.verdict), key=lambda verdict: _GRAVITY.index(verdict.severity))
    judge = bench.judge_of(come.new[0])
    if judge is None:
        return graver
    before, after = gone.old[0], come.new[0]
    pair, sources = Pair([before], [after]), (old[before.start : before.end], new[after.start : after.end])
    if not (changed := judge.changed(pair, *sources)).material:
        return changed  # other words, that were too few alike to correspond, for the same
    edit = judge.edit(pair, *sources)
    direction = judge.direction_of_edit(edit, come.verdict.topic)
    return replace(
        come.verdict, direction=direction, severity=graver.severity, promise_gone=edit.promise_gone
    )


def _covered(unit: Unit, other: Policy) -> bool:
    """Whether most rows of a sentence's words stand in the other version too."""
    words = unit.words
    if len(words) < _SHINGLE:
        return False
    shingles = other.shingles_around(words, _SHINGLE)
    rows = list(zip(*(words[i:] for i in range(_SHINGLE)), strict=False))
    return sum(row in shingles for row in rows) >= _COVERED * len(rows)


def _grouped(found: list[Found]) -> list[list[Found]]:
    """Put neighbours that came or went together, or changed alike, into one; noise between them does not part them.

    What stands between is looked for in the version that both belong to, so that the way back parts them alike.
    """
    groups = [[entry] for entry in found if not entry.verdict.material]
    told = [entry for entry in found if entry.verdict.material]
    old = sorted((entry for entry in told if entry.old), key=_old_place)
    new = sorted((entry for entry in told if entry.new), key=lambda entry: entry.place)
    follows: defaultdict[int, set[int]] = defaultdict(set)
    for before, entry in (pair for side in (old, new) for pair in pairwise(side)):
        follows[id(entry)].add(id(before))
    for kind, side in (("removed", old), ("added", new), ("changed", new)):
        groups += _runs_of([entry for entry in side if entry.kind == kind], follows)
    return sorted(groups, key=lambda group: group[0].place)


def _runs_of(found: Sequence[Found], follows: Mapping[int, set[int]]) -> list[list[Found]]:
    """Put each difference to the one of its kind before it where it belongs there.

    Args:
        found: differences of one kind.
        follows: the identities of those that stand just before each, in either version.
    """
    runs: list[list[Found]] = []
    for entry in found:
        if runs and follows.get(id(entry)) == {id(runs[-1][-1])} and _belongs(runs[-1], entry):
            runs[-1].append(entry)
        else:
            runs.append([entry])
    return runs


def _old_place(entry: Found) -> tuple[int, int]:
    return entry.old[0].block.index, entry.old[0].start


def _belongs(group: list[Found], entry: Found) -> bool:
    """Whether a difference carries on the one just before it in its section, so that both are told as one."""
    last = group[-1]
    if entry.kind != last.kind or _place(entry).block.path != _place(last).block.path:
        return False
    if entry.kind == "changed":
        return _edited_alike(last, entry)
    return _listed_with(group, entry) or _in_vein_of(group, entry)


def _place(entry: Found) -> Unit:
    return (entry.new or entry.old)[0]


def _edited_alike(last: Found, entry: Found) -> bool:
    """Whether two neighbouring sentences changed in the same way; a value that changed is told on its own."""
    near = all(
        0 <= b[0].order - a[-1].order <= _GAP for a, b in ((last.old, entry.old), (last.new, entry.new))
    )
    same = (entry.verdict.topic, entry.verdict.direction) == (last.verdict.topic, last.verdict.direction)
    return near and same and not entry.verdict.values and not last.verdict.values


def _listed_with(group: list[Found], entry: Found) -> bool:
    """Whether a sentence came (or went) with the one just before it: in its paragraph, its list, or in its vein."""
    last = group[-1]
    a, b = (last.new or last.old)[-1], _place(entry)
    if b.order - a.order > _GAP:
        return False
    if (entry.verdict.promise or last.verdict.promise) and entry.verdict.topic != last.verdict.topic:
        return False
    listed = ("item", "row")
    if a.block is b.block or (a.block.kind in listed and b.block.kind in listed):
        return True
    topics = {member.verdict.topic for member in group}
    apart = entry.verdict.topic not in topics and _SEPARATE & {entry.verdict.topic, *topics}
    return entry.verdict.direction == group[0].verdict.direction and not apart


def _in_vein_of(group: list[Found], entry: Found) -> bool:
    """Whether a sentence speaks of what others that came (or went) in its section speak of, and promises nothing."""
    return not entry.verdict.promise and entry.verdict.topic in {member.verdict.topic for member in group}


def _leads(found: Sequence[Found]) -> Leads:
    """The sentences that came or went and only lead to what follows, by their kind and their order."""
    return {
        (entry.kind, _place(entry).order): _place(entry)
        for entry in found
        if entry.kind != "changed" and entry.verdict.noise == "formatting"
    }


def _change(group: list[Found], bench: Bench, old: str, new: str, leads: Leads) -> Change:
    verdict = _leading(group)
    olds, news = [unit for e in group for unit in e.old], [unit for e in group for unit in e.new]
    before, after = (
        _quote(_with_lead(units, group[0].kind, leads), source)
        for units, source in ((olds, old), (news, new))
    )
    change = Change(
        material=verdict.material,
        topic=verdict.topic,
        kind=group[0].kind,
        direction=verdict.direction if verdict.material else "neutral",
        severity=verdict.severity,
        section=_section(news or olds),
        section_before=_section(olds or news),
        before=before,
        after=after,
        summary="",
        noise=verdict.noise,
        values=verdict.values,
        exceptions_added=verdict.exceptions_added,
        exceptions_removed=verdict.exceptions_removed,
        whole_before=_whole(olds, old),
        whole_after=_whole(news, new),
    )
    judge = bench.judge_of((news or olds)[0])
    gone = any(entry.verdict.promise_gone for entry in group)
    lexicon = judge.lexicon if judge else None
    summary = NOT_ANALYSED if verdict.unread else change_summary(change, lexicon, promise_gone=gone)
    return replace(change, summary=summary)


def _with_lead(units: list[Unit], kind: Kind, leads: Leads) -> list[Unit]:
    """Put what leads to sentences before them, where it came or went with them."""
    lead = leads.get((kind, units[0].order - 1)) if units else None
    return [lead, *units] if lead is not None and lead.block is units[0].block.lead else units


def _leading(group: list[Found]) -> Verdict:
    """The verdict that speaks for a group: the topic and the direction with most words behind them."""
    if len(group) == 1:
        return group[0].verdict
    votes: Counter[tuple[str, str]] = Counter()
    for entry in group:
        size = sum(len(unit.words) for unit in (entry.new or entry.old))
        votes[entry.verdict.topic, entry.verdict.direction] += size
    topic, direction = votes.most_common(1)[0][0]
    of_them = [e.verdict for e in group if (e.verdict.topic, e.verdict.direction) == (topic, direction)]
    return min(of_them, key=lambda verdict: _GRAVITY.index(verdict.severity))


def _section(units: Sequence[Unit]) -> str:
    return _title(units[0].block) if units else ""


def _title(block: Block) -> str:
    return block.path[-1] if block.path else ""


def _quote(units: Sequence[Unit], source: str) -> str:
    """The words from the first unit to the last, without markup, cut at a sentence where they are too many."""
    if not units:
        return ""
    kept = [units[0]]
    total = len(units[0].words)
    for unit in units[1:]:
        total += len(unit.words)
        if total > _LONGEST_QUOTE:
            break
        kept.append(unit)
    text = clean(source[kept[0].start : kept[-1].end])
    pieces = text.split(" ")
    return " ".join(pieces[:_LONGEST_QUOTE])


def _whole(units: Sequence[Unit], source: str) -> str:
    """All words from the first unit to the last, where a quote of them would be cut."""
    if sum(len(unit.words) for unit in units) <= _LONGEST_QUOTE:
        return ""
    return clean(source[units[0].start : units[-1].end])


def _quiet_changes(alignment: Alignment) -> list[Change]:
    """Sentences with the same words of which the links or the markup differ."""
    quiet = []
    for old, new in alignment.equal_blocks:
        if old.raw.strip() == new.raw.strip():
            continue
        noise: Noise = "link" if link_targets(old.raw) != link_targets(new.raw) else "formatting"
        quiet.append(_quiet(old, new, noise))
    return quiet


def _quiet(old: Block, new: Block, noise: Noise) -> Change:
    change = Change(
        material=False, topic="other", kind="changed", direction="neutral", severity="low",
        section=_title(new), section_before=_title(old), before=_short(old), after=_short(new), summary="", noise=noise,
    )  # fmt: skip
    return replace(change, summary=change_summary(change))


def _short(block: Block) -> str:
    return " ".join(clean(block.raw).split(" ")[:_LONGEST_QUOTE])
