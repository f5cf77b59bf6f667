"""Reading a page in the browser, from a world of its own that the page's scripts can neither see nor bend."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING, Any

from playwright.async_api import Error as BrowserError

from crawler.failures import PageError
from crawler.rendering.visit import MOST_RELOADS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from playwright.async_api import CDPSession, Page

    from crawler.rendering.visit import Visit

_POLL_S = 0.1
# For so long nothing may happen before a page with a text is taken for done.
_CALM_S = 0.8
# So long it is waited for a text that does not come, though nothing is under way, and for a page that never rests.
_MOST_PATIENCE_S = 5.0
# A text that is shorter may be a frame around one that is to come.
_ENOUGH_CHARS = 400
# What the browser says when a string would be longer than any can be.
_TOO_LONG = "Invalid string length"
_MOST_ELEMENTS = 400_000
# Components that stand deeper in each other are left out.
_DEEPEST = 100
# Walks no further than it must: a script may add to the page without end. What components show is text as well.
_PROBE = """
(() => {
  let shown = 0, all = 0, elements = 0, selected = false;
  const roots = [document];
  while (roots.length && all <= %(most)d && elements <= %(elements)d) {
    const root = roots.pop();
    try {
      selected ||= [...root.querySelectorAll(%(select)s)].some(found => found.textContent.trim());
    } catch (error) { /* a selector that this browser does not know */ }
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
    while (all <= %(most)d && elements <= %(elements)d && walker.nextNode()) {
      const node = walker.currentNode, parent = node.parentNode;
      if (node.nodeType === Node.ELEMENT_NODE) {
        elements++;
        if (node.shadowRoot) roots.push(node.shadowRoot);
        continue;
      }
      all += node.length;
      if (!/^(script|style|noscript|template)$/.test(parent?.localName)) shown += node.data.trim().length;
    }
  }
  return [shown, all, elements, document.readyState !== 'loading', selected];
})()
"""
# First brings into the page itself what its components show (in shadow roots, which HTML leaves out): from the
# innermost on, each with its slots filled. The page is closed afterwards.
_HTML = """
(() => {
  const flatten = (root, depth) => {
    for (const host of [...root.querySelectorAll('*')].reverse()) {
      if (!host.shadowRoot || depth > %(depth)d) continue;
      for (const slot of host.shadowRoot.querySelectorAll('slot')) {
        const given = slot.assignedNodes();
        if (!given.length) continue;
        // One by one: a function takes no hundred thousand arguments.
        const filling = document.createDocumentFragment();
        for (const node of given) filling.append(node);
        slot.replaceChildren(filling);
      }
      flatten(host.shadowRoot, depth + 1);
      const shown = document.createDocumentFragment();
      for (const node of host.shadowRoot.childNodes) shown.append(node.cloneNode(true));
      host.replaceChildren(shown);
    }
  };
  flatten(document, 0);
  const root = document.documentElement;
  const html = root ? root.outerHTML : '';
  return html.length > %(most)d ? null : html;
})()
"""


@dataclass(frozen=True)
class _State:
    # Characters outside of scripts and styles, and all of them.
    shown: int
    characters: int
    elements: int
    parsed: bool
    # Whether what was waited for is there, with a text.
    selected: bool


class Reader:
    """Reads one page.

    Args:
        page: that the browser has begun to show.
        visit: knows what is under way.
        most_bytes: the largest that it may become.
        select: CSS of what it is waited for, None where any text will do.
    """

    def __init__(self, page: Page, visit: Visit, most_bytes: int, select: str | None) -> None:
        self._page = page
        self._visit = visit
        self._most_bytes = most_bytes
        self._select = select
        self._devtools: CDPSession | None = None
        self._world: int | None = None

    async def settle(self, left_s: float) -> None:
        """Wait until the page has its text and is calm, or stays as it is whatever it does, or leads elsewhere.

        Args:
            left_s: the time that the page may take.

        Raises:
            PageError: "too-large" where it grows without end, "timeout" where a part of it never came.
        """
        end = monotonic() + left_s
        patience_s = min(left_s / 4, _MOST_PATIENCE_S)
        state, since = await self._state(), monotonic()
        while monotonic() < end and self._visit.leads_to is None:
            now, fresh = monotonic(), await self._state()
            if fresh != state:
                state, since = fresh, now
            still_s, quiet_s = now - since, self._visit.quiet_s()
            there = state.selected if self._select else state.shown >= _ENOUGH_CHARS
            calm = min(still_s, quiet_s) >= (_CALM_S if there else patience_s)
            if state.parsed and (calm or (there and max(still_s, quiet_s) >= patience_s)):
                return
            await asyncio.sleep(_POLL_S)
        if not state.parsed and self._visit.leads_to is None:
            # What stands behind a script that does not come is missing.
            raise PageError("timeout", "a script holds up the rest of it")

    async def html(self) -> bytes:
        """Return the page as its scripts have made it: UTF-8 with a byte order mark, whatever its server declared.

        Raises:
            PageError: "too-large".
        """
        html = await self._evaluated(_HTML)
        body = f"\ufeff<!DOCTYPE html>\n{html}".encode("utf-8", "replace") if html is not None else b""
        if not 0 < len(body) <= self._most_bytes:
            raise PageError("too-large", "once its scripts have run")
        return body

    async def _state(self) -> _State:
        state = _State(*await self._evaluated(_PROBE))
        if state.characters > self._most_bytes or state.elements > _MOST_ELEMENTS:
            raise PageError("too-large", "once its scripts have run")
        return state

    async def _evaluated(self, expression: str) -> Any:
        """Return the value of an expression; where a page was emptied meanwhile, in the world of the next one.

        A page is emptied when it is left for itself, so often it may, and at last for elsewhere.
        """
        expression %= {
            "most": self._most_bytes,
            "select": json.dumps(self._select or "html"),
            "elements": _MOST_ELEMENTS,
            "depth": _DEEPEST,
        }
        for tries_left in reversed(range(MOST_RELOADS + 2)):
            try:
                return await self._evaluated_once(expression)
            except BrowserError:
                if self._visit.crashed or not tries_left:
                    raise
                self._world = None
        raise AssertionError

    async def _evaluated_once(self, expression: str) -> Any:
        if self._devtools is None:
            self._devtools = await self._page.context.new_cdp_session(self._page)
        if self._world is None:
            frame = (await self._devtools.send("Page.getFrameTree"))["frameTree"]["frame"]
            _check_is_ours(frame)
            asked = {"frameId": frame["id"], "worldName": "policywatch"}
            self._world = (await self._devtools.send("Page.createIsolatedWorld", asked))["executionContextId"]
        evaluating = {"expression": expression, "contextId": self._world, "returnByValue": True}
        answer = await self._devtools.send("Runtime.evaluate", evaluating)
        if "exceptionDetails" in answer:
            if _TOO_LONG in str(answer["exceptionDetails"].get("exception", {}).get("description")):
                raise PageError("too-large", "once its scripts have run")
            raise PageError("other", "what its scripts made of it cannot be read")
        return answer["result"].get("value")


def _check_is_ours(frame: Mapping[str, Any]) -> None:
    """Raise unless what the browser shows came from a server: not what it says itself of a page that is not there."""
    if "unreachableUrl" in frame:
        raise PageError("redirects", "its scripts lead to where nothing is")
    if not frame["url"].startswith(("http://", "https://")):
        raise PageError("scheme", f"its scripts lead to {frame['url'].partition(':')[0][:20]}:")
