"""The manual says what the program does."""

from pathlib import Path

from forum import config

MANUAL = Path(__file__).resolve().parent.parent / "docs" / "operator.md"


def in_words(default: config.Value) -> str:
    match default:
        case bool():
            return "on" if default else "off"
        case "":
            return "*(empty)*"
        case []:
            return "*(none)*"
        case list():
            return f"`{','.join(default)}`"
    return f"`{default}`"


def test_the_operators_table_has_every_setting_with_its_default_and_its_meaning():
    table = MANUAL.read_text(encoding="utf-8").split("<!-- settings: begin", 1)[1].split("<!-- settings: end -->", 1)[0]
    rows = [row for row in table.splitlines() if row.startswith("| `")]
    assert rows == [f"| `{one.name}` | {in_words(one.default)} | {one.meaning} |" for one in config.SETTINGS]
