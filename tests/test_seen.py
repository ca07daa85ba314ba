"""What is drawn can be read: tables of words on a narrow screen, words on the buttons in both themes."""

import tomllib
from pathlib import Path

import pytest

from pages.parts.charts import DARK, LIGHT, Palette
from pages.parts.tables import table

ROOT = Path(__file__).parent.parent
STYLE = f"<style>{(ROOT / 'pages' / 'parts' / 'style.css').read_text(encoding='utf-8')}</style>"
THEME = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))["theme"]
HEADS = ["时间", "步骤", "谁", "理由", "<期限>"]
ROW = [
    "2024-03-31 09:00",
    "第三方复核 → 审定",
    "甲",
    '<td style="min-width:11rem">各地区都有结论，分歧已经裁定</td>',
    "—",
]


@pytest.mark.parametrize(("width", "narrow"), [(390, True), (1440, False)])
def test_a_stacked_table_is_cut_on_no_screen(browser: object, width: int, narrow: bool) -> None:
    """Each cell stays in the window; on a narrow one it comes with its head, on a wide one the heads stand above."""
    page = browser.new_page(viewport={"width": width, "height": 900})  # type: ignore[attr-defined]
    page.set_content(STYLE + table(HEADS, [ROW, ROW], kind="words stacked"))
    cells = page.locator("td").evaluate_all(
        "all => all.map(one => [one.getBoundingClientRect().right, getComputedStyle(one, '::before').content])"
    )
    assert len(cells) == 2 * len(HEADS)
    assert max(right for right, _ in cells) <= width
    assert [said for _, said in cells[: len(HEADS)]] == [f'"{head}"' if narrow else "none" for head in HEADS]
    assert page.locator("thead").evaluate("one => one.offsetHeight > 1") is not narrow
    page.close()


def test_other_tables_have_plain_cells() -> None:
    """Heads go with the cells of the kind that wants them."""
    assert "data-head" not in table(["甲"], [["1"]], kind="words")


@pytest.mark.parametrize(("name", "palette"), [("light", LIGHT), ("dark", DARK)])
def test_a_button_can_be_read(browser: object, name: str, palette: Palette) -> None:
    """The words on the main button are told from its ground at 4.5 to 1 (WCAG 2.2, 1.4.3)."""
    assert THEME[name]["backgroundColor"] == palette.page
    page = browser.new_page()  # type: ignore[attr-defined]
    button = '<button data-testid="stBaseButton-primaryFormSubmit">甲</button>'
    page.set_content(f"{STYLE}<style>:root{{--q-page:{palette.page}}}</style>{button}")
    told = page.locator("button").evaluate("one => getComputedStyle(one).color")
    page.close()
    words = tuple(int(part) for part in told.removeprefix("rgb(").removesuffix(")").split(","))
    ground = tuple(bytes.fromhex(THEME[name]["primaryColor"][1:]))
    darker, lighter = sorted(map(_luminance, (words, ground)))
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def _luminance(colour: tuple[int, ...]) -> float:
    """How bright a colour is, 0 to 1 (WCAG 2.2, relative luminance)."""
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (one / 255 for one in colour)
    ]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_quotes_are_narrow_in_english_and_wide_in_chinese(browser: object) -> None:
    """The fonts of the pages have them as wide as a Chinese sign, which between English words looks like a gap."""
    english = (ROOT / "pages" / "parts" / "english.css").read_text(encoding="utf-8")
    page = browser.new_page()  # type: ignore[attr-defined]
    widths = []
    for style in ("", english):
        page.set_content(f"<style>{style}span{{font:100px {THEME['font']}}}</style><span>a“b</span> <span>ab</span>")
        page.evaluate("document.fonts.ready")
        quoted, plain = page.locator("span").evaluate_all("all => all.map(one => one.getBoundingClientRect().width)")
        widths.append(quoted - plain)
    page.close()
    assert widths[0] > 90
    assert widths[1] < 60
