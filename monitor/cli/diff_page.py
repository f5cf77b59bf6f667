"""What changed between two texts as a page for the browser, in one file that loads nothing."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from monitor.plain_text import plain, shortened
from monitor.quotes import marked

if TYPE_CHECKING:
    from collections.abc import Sequence

    from monitor.comparison.changes import Change, Comparison

_TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def diff_page(comparison: Comparison, old: str, new: str, remarks: Sequence[str] = ()) -> str:
    """Return the page: the material changes in the order of the text, the others folded away below.

    Args:
        comparison: what changed.
        old: what the older text was called by.
        new: what the newer one was called by.
        remarks: what is odd about their dates, in plain sentences.
    """
    views = [_view(change) for change in comparison.changes]
    return _TEMPLATES.get_template("diff_page.html").render(
        summary=plain(comparison.summary) or "No change.",
        old=plain(old),
        new=plain(new),
        remarks=[plain(remark) for remark in remarks],
        material=[view for view in views if view["change"].material],
        quiet=[view for view in views if not view["change"].material],
    )


def _view(change: Change) -> dict[str, Any]:
    before, after = marked(plain(change.before), plain(change.after))
    section = shortened(plain(change.section or change.section_before), 200) or "Beginning of the page"
    return {
        "change": change, "section": section, "summary": plain(change.summary), "before": before, "after": after,
    }  # fmt: skip
