from __future__ import annotations

import re
from pathlib import Path

import pytest

from monitor.config import ConfigError, models
from monitor.config.example import commented_config, write_commented_config
from monitor.config.loading import load_config, parse_config
from monitor.config.mistakes import keys_of

TABLES = [
    models.Policywatch,
    models.Schedule,
    models.Crawl,
    models.Web,
    models.Archive,
    models.Smtp,
    models.SiteConfig,
    models.DocumentConfig,
    models.EarlierConfig,
    models.EmailChannel,
    models.WebhookChannel,
    models.AppriseChannel,
    models.Operators,
    models.Rule,
]
SHIPPED = Path(__file__).parents[2] / "config.toml"


def uncommented(text: str) -> str:
    return re.sub(r"^#(?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.__name__)
def test_every_key_is_shown(table: type[models.Table]) -> None:
    shown = set(re.findall(r"([a-z_]+) = ", commented_config())) | {"document", "earlier"}
    assert set(keys_of(table)) <= shown


def test_every_table_is_shown() -> None:
    headers = set(re.findall(r"^#?\[+([a-z]+)", commented_config(), flags=re.MULTILINE))
    assert headers == set(keys_of(models.Config))


def test_it_is_valid_as_it_is() -> None:
    config = parse_config(commented_config().encode(), Path("config.toml"))
    assert [str(key) for key, _, _ in config.documents()] == ["example-shop/privacy-policy"]


def test_it_is_valid_with_everything_switched_on() -> None:
    config = parse_config(uncommented(commented_config()).encode(), Path("config.toml"))
    assert set(config.channels) == {"legal", "tickets", "chat", "admins"}
    assert config.rules[0].match == "never share|do not sell"
    assert len(config.documents()) == 2


def test_defaults_shown_are_the_defaults() -> None:
    shown = parse_config(commented_config().encode(), Path("config.toml"))
    bare = parse_config(b'[policywatch]\ncontact = "you@example.org"', Path("config.toml"))
    for table in ("policywatch", "schedule", "crawl", "web", "operators"):
        assert getattr(shown, table) == getattr(bare, table)


def test_a_file_that_exists_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    write_commented_config(path)
    assert path.read_text() == commented_config()
    path.write_text("mine")
    with pytest.raises(ConfigError, match=r"config\.toml: exists already"):
        write_commented_config(path)
    assert path.read_text() == "mine"


def test_a_file_that_finds_no_room_is_not_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # What cannot be encoded fails in the middle, as a full disk does.
    monkeypatch.setattr("monitor.config.example.commented_config", lambda: "half of it" * 10_000 + "\udcff")
    path = tmp_path / "config.toml"
    with pytest.raises(ValueError, match="surrogates"):
        write_commented_config(path)
    assert not path.exists()


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="cannot be written: No such file"):
        write_commented_config(tmp_path / "absent" / "config.toml")


def test_the_shipped_configuration_watches_real_policies() -> None:
    config = load_config(SHIPPED)
    assert len(config.sites) >= 6
    addresses = [address for _, document, _ in config.documents() for address in document.addresses]
    assert all(address.startswith("https://") for address in addresses)
    assert config.channels == {}


def test_the_written_configuration_says_how_long_a_wording_must_stay_that_was_seen_before() -> None:
    before = commented_config().partition("\nconfirm_after")[0].splitlines()
    comment = " ".join(line.lstrip("# ") for line in before[-3:])
    assert "A wording that was seen before is told when it has stayed for two days" in comment
