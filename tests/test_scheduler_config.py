"""masthead.toml: the keys that tools outside rely on, strict, with paths relative to the file."""

from pathlib import Path

import pytest

from db.errors import DataFileError
from scheduler.config import Config, load_config

EVERYTHING = """
[archive]
db = "data/news.db"
[catalogue]
builtin = false
folders = ["sources"]
[crawler]
contact = "ops@example.test"
delay_seconds = 0.5
ca_file = ""
fetch_articles = true
proxy = "http://proxy.example:3128"
[team]
platforms = ["amazon", "temu"]
regions = ["US"]
role = "third_party_sellers"
zone = "Europe/Berlin"
language = "en"
[desk]
host = "127.0.0.1"
port = 8002
[schedule]
crawl = "06:30"
edition = "08:00"
days = ["mon", "fri"]
[mail]
host = "smtp.example.test"
port = 587
security = "starttls"
user = "desk"
sender = "Masthead <desk@example.test>"
rules = "rules.toml"
"""


def write(folder: Path, text: str) -> Path:
    (folder / "sources").mkdir(exist_ok=True)
    path = folder / "masthead.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_every_documented_key_is_read(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, EVERYTHING))
    assert config.db == tmp_path / "data/news.db"
    assert config.catalogue_folders == (tmp_path / "sources",)
    assert (config.crawler.delay_seconds, config.team.zone, config.desk.port) == (0.5, "Europe/Berlin", 8002)
    assert config.schedule.days == ("mon", "fri")


def test_without_a_file_the_defaults_hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert load_config() == Config()
    write(tmp_path, "[desk]\nport = 9000\n")
    assert load_config().desk.port == 9000


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("[archiv]\n", 1, 'did you mean "archive"'),
        ("[desk]\nport = 70000\n", 2, "1 to 65535"),
        ('[team]\nzone = "Mars/Olympus"\n', 2, "IANA"),
        ('[team]\nlanguage = "fr"\n', 2, "allowed: en, zh"),
        ('[crawler]\ncontact = "a\\r\\nX-Evil: 1"\n', 2, "control characters"),
        ('[crawler]\nproxy = "http://me:secret@proxy:1"\n', 2, "without name and password"),
        ("[crawler]\ndelay_seconds = -1\n", 2, "0 to 3600"),
        ('[schedule]\ncrawl = "7 o\'clock"\n', 2, "07:00"),
        ('[schedule]\ndays = ["1"]\n', 2, "mon"),
        ("[schedule]\ndays = []\n", 2, "names no day"),
        ('[catalogue]\nfolders = ["nowhere"]\n', 2, "does not exist"),
        ('[crawler]\nca_file = "missing.pem"\n', 2, "does not exist"),
        ('folder = "x"\n', 1, "unknown section"),
    ],
)
def test_refusals(tmp_path: Path, text: str, line: int, said: str) -> None:
    with pytest.raises(DataFileError) as refused:
        load_config(write(tmp_path, text))
    assert refused.value.line == line
    assert said in str(refused.value)


def test_a_named_file_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(DataFileError, match="can not be read"):
        load_config(tmp_path / "masthead.toml")
