"""`render = true` in whole checks."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.cli.conftest import POLICY
from tests.web.browsers import needs_chromium

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site

SHELL = (
    "<html><head><title>Shop</title></head><body><div id=app></div><script>"
    "fetch('/text').then(answer => answer.text()).then(text => { app.innerHTML = text })</script></body></html>"
)


@needs_chromium
def test_text_that_scripts_build_is_followed(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", more="render = true\n")
    # The shell never changes, and its server says so.
    site.set("/privacy-policy", SHELL, headers={"ETag": '"shell"'})
    site.set("/text", POLICY)
    first = program.run("check")
    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith("Shop, privacy policy: first version")
    site.set("/text", POLICY.replace("We never share", "We may share"))
    second = program.run("check", "--now")
    assert "Shop, privacy policy: new version, 1 promise weakened" in second.stdout
    told = json.loads(program.run("history", "shop", "--json").stdout)
    assert [capture["rendered"][:9] for version in told for capture in version["captures"]] == [
        "Chromium "
    ] * 2
    assert "as Chromium " in program.run("history", "shop").stdout


def test_without_chromium_one_document_fails_and_says_what_to_install(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/terms", "/privacy-policy", more="render = true\n")
    site.set("/privacy-policy", SHELL)
    site.set("/terms", POLICY)
    program.environment["PATH"] = str(program.folder)
    done = program.run("check")
    assert done.returncode == 1
    assert "Shop, terms: first version" in done.stdout
    assert done.stderr.count("\n") == 1
    assert "apt install chromium" in done.stderr
    assert "(no-browser)" in program.run("status").stdout
