"""`extract`, `diff` and `commitments`."""

from __future__ import annotations

import json
from contextlib import redirect_stdout
from io import StringIO
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from monitor.cli.output import show_json, show_text
from monitor.plain_text import plain
from tests.cli.conftest import POLICY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Program
    from tests.site import Site

OLD = "# Privacy\n\n## Retention\n\nWe keep **server logs** for 30 days.\n"
NEW = "# Privacy\n\n## Retention\n\nWe keep **server logs** for 60 days.\n"


def test_diff_tells_in_plain_words_what_changed(program: Program) -> None:
    (program.folder / "old.md").write_text(OLD)
    (program.folder / "new.md").write_text(NEW)
    done = program.run("diff", "old.md", "new.md")
    assert (done.returncode, done.stderr) == (0, "")
    assert "  Retention\n    weaker (retention, high): " in done.stdout
    as_json = json.loads(program.run("diff", "old.md", "new.md", "--json").stdout)
    assert as_json["material"] is True
    (change,) = as_json["changes"]
    assert change["values"] == [{"before": "P30D", "after": "P60D"}]


def test_diff_leaves_out_what_does_not_matter_if_asked(program: Program) -> None:
    (program.folder / "old.md").write_text(f"{OLD}\nLast updated: 1 May 2023\n")
    (program.folder / "new.md").write_text(f"{NEW}\nLast updated: 2 June 2024\n")
    all_of_it, material = (
        program.run("diff", "old.md", "new.md", *flag).stdout for flag in ([], ["--material"])
    )
    assert "not material" in all_of_it
    assert "not material" not in material
    assert "weaker (retention, high): " in material


def test_diff_of_two_languages_says_so(program: Program) -> None:
    (program.folder / "old.md").write_text("# Datenschutz\n\nWir geben Ihre Daten nicht an andere weiter.\n")
    (program.folder / "new.md").write_text("# Privacy\n\nWe do not share your data with anybody else.\n")
    told = program.run("diff", "old.md", "new.md").stdout
    assert told == "The text is in another language (de before, en now): nothing was compared.\n"


def test_diff_writes_a_page_that_marks_what_changed(program: Program) -> None:
    (program.folder / "old.md").write_text(OLD.replace("Retention", "<script>alert(1)</script> Retention"))
    (program.folder / "new.md").write_text(NEW.replace("Retention", "<script>alert(1)</script> Retention"))
    done = program.run("diff", "old.md", "new.md", "--html", "page.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    page = (program.folder / "page.html").read_text(encoding="utf-8")
    assert "We keep server logs for <del>30</del> days." in " ".join(page.split())
    assert "We keep server logs for <ins>60</ins> days." in " ".join(page.split())
    assert "retention, changed, weaker, high" in page
    assert "<script" not in page


def test_a_page_that_cannot_be_written_is_one_clear_error(program: Program) -> None:
    (program.folder / "old.md").write_text(OLD)
    (program.folder / "new.md").write_text(NEW)
    message = program.fails("diff", "old.md", "new.md", "--html", "nowhere/page.html", code=1)
    assert message == "nowhere/page.html: No such file or directory"


def test_diff_of_versions_of_different_documents_is_refused(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    write_config("/privacy-policy", "/terms-of-service")
    site.set("/privacy-policy", POLICY)
    site.set("/terms-of-service", POLICY.replace("Privacy policy", "Terms of service"))
    program.run("check")
    names = {
        str(entry["version"]): f"shop/{entry['document']}"
        for entry in json.loads(program.run("history", "shop", "--json").stdout)
    }
    assert program.fails("diff", "1", "2", "--json", code=2) == (
        f"version 1 is one of {names['1']} and version 2 one of {names['2']}: "
        "versions of different documents are not compared"
    )


def test_diff_takes_thousands_of_digits_for_the_name_of_a_file(program: Program) -> None:
    done = program.run("diff", "9" * 5000, "1")
    assert done.returncode in {1, 2}
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_diff_of_web_pages_compares_their_policies(program: Program) -> None:
    (program.folder / "old.html").write_text(POLICY)
    (program.folder / "new.html").write_text(
        POLICY.replace("<main>", "<header><p>New shop!</p></header><main>")
    )
    done = program.run("diff", "old.html", "new.html")
    assert (done.returncode, done.stdout) == (0, "No change.\n")


def test_extract_prints_markdown(program: Program) -> None:
    (program.folder / "page.html").write_text(POLICY)
    done = program.run("extract", "page.html")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("# Privacy policy\n\nLast updated: 1 March 2026\n\n## What we collect\n")


def test_extract_of_a_suspect_page_prints_it_and_says_so(program: Program) -> None:
    (program.folder / "page.html").write_text(
        "<title>404</title><h1>Page not found</h1><p>Sorry about that.</p>"
    )
    done = program.run("extract", "page.html", "--json")
    assert done.returncode == 0
    assert "Page not found" in json.loads(done.stdout)["text"]
    assert json.loads(done.stdout)["suspect"] == "error-page"
    assert done.stderr == "policywatch: page.html: suspect, this is probably not the policy (error-page)\n"


def test_extract_of_a_page_of_frames_names_them(program: Program) -> None:
    (program.folder / "page.html").write_text(
        "<base href='https://old.test/'><frameset><frame src='menu.htm'><frame src='text.htm'></frameset>"
    )
    done = program.run("extract", "page.html")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "policywatch: page.html: suspect, this is probably not the policy (frames)",
        "policywatch: page.html: the text stands in its frames, try: https://old.test/menu.htm https://old.test/text.htm",
    ]


def test_extract_fetches_addresses_under_the_guard(
    program: Program, site: Site, write_config: Callable[..., Path]
) -> None:
    file = write_config("/privacy-policy")
    url = site.set("/privacy-policy", POLICY)
    assert program.run("extract", url).stdout.startswith("# Privacy policy\n")
    file.write_text(file.read_text().replace('allow_addresses = ["127.0.0.0/8"]', ""))
    assert program.fails("extract", url, code=1) == (
        f"{url}: the address is not one that may be fetched"
        " (127.0.0.1 is not a public address; crawl.allow_addresses of the configuration may allow it)."
    )


def test_commitments_lists_what_the_policy_promises(program: Program) -> None:
    (program.folder / "policy.md").write_text(
        "# Privacy\n\n## Sharing\n\nWe never share your personal data.\n"
    )
    (found,) = json.loads(program.run("commitments", "policy.md", "--json").stdout)
    assert (found["topic"], found["stance"], found["section"]) == ("sharing", "will-not", "Sharing")
    assert (
        "will-not (sharing): We never share your personal data."
        in program.run("commitments", "policy.md").stdout
    )


def shown(show: Callable[[Any], None], value: Any) -> str:
    with redirect_stdout(StringIO()) as screen:
        show(value)
    return screen.getvalue()


@given(st.text())
def test_json_says_the_same_and_holds_nothing_that_controls_a_terminal(text: str) -> None:
    written = shown(show_json, {text: [text]})
    assert json.loads(written) == {text: [text]}
    assert all(character == "\n" or plain(character) or character == " " for character in written)


@given(st.text())
def test_printed_text_holds_nothing_that_controls_a_terminal(text: str) -> None:
    written = shown(show_text, text)
    assert all(character in "\n\t " or plain(character) for character in written)
