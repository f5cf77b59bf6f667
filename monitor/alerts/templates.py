"""The templates of HTML parts: everything escaped, nothing left undefined."""

from __future__ import annotations

from pathlib import Path

import jinja2

from monitor.plain_text import plain

TEMPLATES = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters["plain"] = plain
