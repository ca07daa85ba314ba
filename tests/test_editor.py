"""The editor of definitions: what was typed is never lost, and every problem is marked at its line."""

import json
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from metrics.differences.texts import END, MINE, THEIRS
from metrics.formula import FUNCTIONS
from pages.parts import editor as package
from pages.parts.editor import HERE
from pages.parts.editor.spoken import editor_words

ROOT = Path(__file__).parent.parent
TEXT = """\
schema: 1
title: 示例
variables:
  electricity: {name: {zh: 用电量, en: Electricity use}, unit: kWh, domain: energy}
  floor_area: {name: {zh: 建筑面积, en: Floor area}, unit: m2, domain: asset}
indicators:
  per_area:
    name: {zh: 单位面积用电, en: Electricity per floor area}
    unit: kWh/m2
    formula: electricity / floor_area
    better: lower
index:
  code: composite
  name: 综合
  children:
    - {indicator: per_area}
"""
# A page of its own: the text is checked in each run, and a run takes as long as its button says.
SCRIPT = """
import time
import streamlit as st
from metrics.reader import read
from pages.parts.editor import editor, standing
from pages.parts.i18n import language

st.session_state.setdefault("document", (TEXT, 1))
st.session_state.setdefault("patience", 0.0)

@st.fragment
def part():
    text, serial = st.session_state.document
    now = standing(text, serial=serial, key="definitions")
    if st.button("half"):
        st.session_state.document = text, serial = now.replace("title: ", "cycle: half\\ntitle: "), serial + 1
        now = text
    if st.button("retitle"):
        st.session_state.document = text, serial = now.replace("示例", "样例"), serial + 1
        now = text
    if st.button("slow"):
        st.session_state.patience = 0.8
    time.sleep(st.session_state.patience)
    problems = read(now).problems
    if st.button("rename"):
        st.session_state.renamed = not st.session_state.get("renamed")
    electricity = "电量" if st.session_state.get("renamed") else "用电量"
    codes = {"electricity": electricity, "floor_area": "建筑面积", "per_area": "单位面积用电"}
    got = editor(text, serial=serial, problems=problems, codes=codes, key="definitions", label="定义文本")
    st.code(got, language=None)
    st.caption(f"electricity: {electricity}, patience: {st.session_state.patience}")

if not st.toggle("elsewhere"):
    part()
"""

# In a browser: random changes of random texts, short and long, and what the merging made of them wrongly.
RANDOM = """async (cases) => {
    const { changesOf, merged } = await import(new URL("app/static/editor.js", document.baseURI).href)
    let [seed, number] = [7, 0]
    const upTo = (limit) => (seed = (seed * 1103515245 + 12345) & 0x7fffffff, Math.floor(seed / 0x80000000 * limit))
    const line = (kinds) => `  v${kinds ? upTo(kinds) : number++}: {weight: 0.${upTo(9)}, zh: 指标${upTo(5)}𠮷}`
    const edited = (text, who) => {
        const lines = text.split("\\n")
        const typed = []
        for (let times = upTo(25); times > 0; times--) {
            const [at, word, kind] = [upTo(lines.length), `${who}${number++}Z`, upTo(6)]
            const old = lines[at] ?? ""
            const column = upTo(old.length + 1)
            if (kind < 2) lines[at] = old.slice(0, column) + word + old.slice(column)
            else if (kind === 2) lines[at] = `${old} ${word}`
            else if (kind === 3) lines.splice(at, 0, word)
            else if (kind === 4) lines.splice(at, 1 + upTo(5))
            else if (!upTo(10)) lines.forEach((old, at) => { lines[at] = `  ${old} #` })
            typed.push(word)
        }
        const result = lines.join("\\n")
        return [result, typed.filter((word) => result.includes(word))]
    }
    const applied = (text, changes) => {
        let [result, at] = ["", 0]
        for (const { from, to, insert } of changes) {
            if (from < at || to < from) return null
            result += text.slice(at, from) + insert
            at = to
        }
        return result + text.slice(at)
    }
    const marks = ["<<<", "===", ">>>"]
    const wrong = []
    for (let one = 0; one < cases; one++) {
        const kinds = [0, 3, 50, 400][upTo(4)]
        const base = Array.from({ length: 1 + upTo(one % 10 ? 12 : 500) }, () => line(kinds)).join("\\n")
        const [[mine, typed], [theirs, written]] = [edited(base, "M"), edited(base, "T")]
        const both = merged(base, mine, theirs, marks)
        const right = [
            [...typed, ...written].every((word) => both.includes(word)),
            merged(base, mine, base, marks) === mine && merged(base, base, theirs, marks) === theirs,
            [[base, mine], [mine, both], [mine, theirs]]
                .every(([old, now]) => applied(old, changesOf(old, now)) === now),
        ]
        if (right.includes(false)) wrong.push([base, mine, theirs, ...right])
    }
    return wrong.slice(0, 3)
}"""
# How often a sign is looked at, on the whole, for changes of many lines.
WORK = """async (size) => {
    const { changesOf, merged } = await import(new URL("app/static/editor.js", document.baseURI).href)
    const base = Array.from({ length: size }, (_, at) => `  v${at}: {weight: 0.${at * 7919 % 10}, name: n${at % 50}}`)
    const text = base.join("\\n")
    const other = base.slice(0, size / 2).map((line) => line.toUpperCase()).join("\\n")
    const appended = text.replace(/$/gm, " # ok")
    const now = {
        appended, indented: text.replace(/^/gm, "  "), other, "one line": text.replaceAll("\\n", " "),
        sorted: base.map((line) => [...line].reverse().join("")).sort().join("\\n"),
        weights: text.replace(/weight: 0/g, "weight: 1"), "one more": appended.replace("\\n", "\\nmore\\n"),
    }
    const { charCodeAt } = String.prototype
    const counted = (work) => {
        let count = 0
        String.prototype.charCodeAt = function (at) { count++; return charCodeAt.call(this, at) }
        try { work() } finally { String.prototype.charCodeAt = charCodeAt }
        return count / text.length
    }
    const found = []
    for (const [name, next] of Object.entries(now)) {
        found.push([`changes, ${name}`, counted(() => changesOf(text, next))])
        found.push([`merged, ${name}`, counted(() => merged(text, next, now.weights, ["a", "b", "c"]))])
    }
    return found
}"""


def _script(folder: Path) -> Path:
    path = folder / "app.py"
    path.write_text(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nTEXT = {TEXT!r}\n{SCRIPT}", "utf-8")
    return path


@pytest.fixture
def plain(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The page where no bundle was built."""
    monkeypatch.setattr(package, "BUNDLE", tmp_path / "absent.js")
    return AppTest.from_file(str(_script(tmp_path)), default_timeout=30).run()


def test_without_a_bundle_there_is_a_text_area(plain: AppTest) -> None:
    """It shows the text under the same name, and gives back what was typed."""
    area = plain.text_area[0]
    assert (area.label, area.value) == ("定义文本", TEXT)
    area.set_value(TEXT + "rules: []\n").run()
    assert plain.code[0].value == TEXT + "rules: []"


def test_the_text_area_takes_over_a_document_whose_serial_has_grown(plain: AppTest) -> None:
    """What was typed goes into the new document, which is the server's from then on."""
    plain.text_area[0].set_value(TEXT + "rules: []\n").run()
    plain.button[0].click().run()
    assert plain.text_area[0].value == TEXT.replace("title: ", "cycle: half\ntitle: ") + "rules: []\n"


def test_every_function_is_offered_with_its_meaning() -> None:
    """Whoever adds a function to formulas adds its words to the editor's."""
    told = editor_words("")["functions"]
    assert [name for name, _, _ in told] == list(FUNCTIONS)  # type: ignore[attr-defined]


def test_what_is_built_is_pinned_and_free() -> None:
    """Exact versions under permissive licences, with their sums, and no host of one workplace."""
    package_, lock = (json.loads((HERE / name).read_text("utf-8")) for name in ("package.json", "package-lock.json"))
    wanted = [*package_["dependencies"].values(), *package_["devDependencies"].values()]
    assert [version for version in wanted if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
    locked = {name: part for name, part in lock["packages"].items() if name}
    assert {part["license"] for part in locked.values()} == {"MIT"}
    assert [name for name, part in locked.items() if "integrity" not in part or "resolved" in part] == []


@pytest.fixture(scope="module")
def visitor(browser: object) -> object:
    """One visitor's pages: what the first has fetched need not be fetched again."""
    return browser.new_context(viewport={"width": 1200, "height": 1000})  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, bundle: Path) -> Iterator[str]:
    """The page on a server of its own."""
    folder = tmp_path_factory.mktemp("editor")
    shutil.copytree(bundle.parent, folder / "static")
    port = _free_port()
    with _served(folder, port):
        yield f"http://127.0.0.1:{port}"


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@contextmanager
def _served(folder: Path, port: int) -> Iterator[None]:
    """The page on a server, until it is stopped."""
    options = ["--server.port", str(port), "--server.address", "127.0.0.1", "--server.headless", "true"]
    options += ["--server.enableStaticServing", "true", "--browser.gatherUsageStats", "false"]
    command = [sys.executable, "-m", "streamlit", "run", str(_script(folder)), *options]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(20)


class Typist:
    """A person at the editor."""

    def __init__(self, page: object) -> None:
        self.page: object = page
        self.keys = page.keyboard  # type: ignore[attr-defined]

    def go(self, line: int) -> None:
        """To the end of a line."""
        self.page.locator(".cm-line").first.click()  # type: ignore[attr-defined]
        self.keys.press("Control+Home")
        for _ in range(line - 1):
            self.keys.press("ArrowDown")
        self.keys.press("End")

    def see(self, where: str, words: str) -> None:
        """Until something on the page holds these words."""
        self.page.locator(where, has_text=words).first.wait_for(timeout=15_000)  # type: ignore[attr-defined]

    def press_slowly(self, name: str) -> None:
        """A button whose run takes its time, so that there is a while to type in."""
        self.page.get_by_role("button", name="slow").click()  # type: ignore[attr-defined]
        self.see("[data-testid=stCaptionContainer]", "patience: 0.8")
        self.page.get_by_role("button", name=name).click()  # type: ignore[attr-defined]
        self.page.wait_for_timeout(100)  # type: ignore[attr-defined]

    def type_at_once(self, words: str) -> None:
        """Where the caret was, in one go: on a busy machine single keys may take longer than the run of a button."""
        self.page.locator(".cm-content").focus()  # type: ignore[attr-defined]
        self.keys.insert_text(words)

    def marked(self) -> list[str]:
        """The numbers of the lines with an error."""
        return self.page.evaluate(  # type: ignore[attr-defined,no-any-return]
            """() => {
                const top = (element) => Math.round(element.getBoundingClientRect().top)
                const marks = [...document.querySelectorAll(".cm-lint-marker-error")]
                const numbers = [...document.querySelectorAll(".cm-lineNumbers .cm-gutterElement")]
                return marks.map((mark) => numbers.find((number) =>
                    top(number) === top(mark.parentNode))?.textContent)
            }"""
        )


@pytest.fixture
def typist(address: str, visitor: object) -> Iterator[Typist]:
    """A person who has opened the page; nothing may be asked of another host."""
    page = visitor.new_page()  # type: ignore[attr-defined]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    page.wait_for_selector(".cm-content", timeout=60_000)
    yield Typist(page)
    page.close()
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []


def test_a_problem_is_marked_at_its_line_until_it_is_mended(typist: Typist) -> None:
    """Typing marks the line and says what is wrong in words; mending clears both."""
    typist.go(10)
    typist.keys.type(" * rain")
    typist.see(".q-said", "错误：没有叫“rain”")
    typist.see(".cm-lintRange-error", "rain")
    assert typist.marked() == ["10"]
    for _ in " * rain":
        typist.keys.press("Backspace")
    typist.see(".q-said", "没有问题")
    typist.page.locator(".cm-lint-marker-error").wait_for(state="detached", timeout=15_000)  # type: ignore[attr-defined]


def test_f8_goes_to_errors_before_what_is_lighter(typist: Typist) -> None:
    """A note that stands above an error comes after it; from the last problem it goes round to the first."""
    typist.go(9)
    for _ in "kWh/m2":
        typist.keys.press("Backspace")
    typist.keys.type("MWh/m2")
    typist.go(13)
    typist.keys.type(" x")
    typist.see(".cm-lintRange-info", "electricity")
    typist.see(".cm-lintRange-error", "composite")
    typist.keys.press("Control+Home")
    for line in ("行 13", "行 10", "行 13"):
        typist.keys.press("F8")
        typist.see(".q-at", line)


def test_a_document_of_a_greater_serial_replaces_the_text(typist: Typist) -> None:
    """What was typed is in it, the caret stays, and it can be taken back."""
    typist.go(14)
    typist.keys.type("得分")
    typist.page.get_by_role("button", name="half").click()  # type: ignore[attr-defined]
    typist.see(".cm-line", "cycle: half")
    typist.see(".cm-line", "name: 综合得分")
    typist.page.locator(".cm-content").focus()  # type: ignore[attr-defined]
    typist.keys.type("表")
    typist.see("[data-testid=stCode]", "name: 综合得分表")
    typist.keys.press("Control+z")
    typist.keys.press("Control+z")
    typist.see("[data-testid=stCode]", "schema: 1\ntitle")


def test_nothing_typed_during_a_slow_run_is_lost(typist: Typist) -> None:
    """However late the server answers, each character stays and all of them arrive."""
    typist.page.get_by_role("button", name="slow").click()  # type: ignore[attr-defined]
    typist.go(14)
    words = "reply to whatever comes"
    for word in words.split():
        typist.keys.type(f" {word}")
        typist.page.wait_for_timeout(300)  # type: ignore[attr-defined]
    typist.see(".cm-line", f"name: 综合 {words}")
    typist.see("[data-testid=stCode]", f"name: 综合 {words}")
    typist.see(".cm-line", f"name: 综合 {words}")


def test_what_is_typed_while_a_new_document_is_on_its_way_is_in_it(typist: Typist) -> None:
    """Neither loses a character; the document can be taken back alone, and what was typed stays."""
    typist.go(14)
    typist.press_slowly("half")
    typist.type_at_once(" of all that counts")
    typist.see(".cm-line", "cycle: half")
    typist.see("[data-testid=stCode]", "name: 综合 of all that counts")
    typist.see("[data-testid=stCode]", "cycle: half")
    typist.keys.press("Control+z")
    typist.see("[data-testid=stCode]", "schema: 1\ntitle")
    typist.see("[data-testid=stCode]", "name: 综合 of all that counts")


def test_a_word_that_both_changed_stands_there_twice(typist: Typist) -> None:
    """What was typed first, the document's under it, between the marks that have to be resolved."""
    typist.go(2)
    typist.press_slowly("retitle")
    typist.type_at_once("甲")
    lines = [MINE, "title: 示例甲", THEIRS, "title: 样例", END]
    typist.see("[data-testid=stCode]", "schema: 1\n" + "\n".join(lines) + "\nvariables:")


def test_changes_of_random_texts_lose_nothing(typist: Typist) -> None:
    """Changes make one text of another, and every word that either side has typed is in what was merged."""
    assert typist.page.evaluate(RANDOM, 1500) == []  # type: ignore[attr-defined]


def test_large_changes_do_not_hold_up_the_page(typist: Typist) -> None:
    """However different two texts of thousands of lines are, no sign is looked at once for each other."""
    counts = dict(typist.page.evaluate(WORK, 5000))  # type: ignore[attr-defined]
    assert {name: count for name, count in counts.items() if count > 120} == {}


def test_keys_are_offered_by_their_place_and_codes_in_a_formula(typist: Typist) -> None:
    """`weight` in a child, a variable by its code or its Chinese name in a formula, each with what it is."""
    typist.go(16)
    typist.keys.press("ArrowLeft")
    typist.keys.type(", we")
    typist.see(".cm-tooltip-autocomplete li", "weight")
    typist.keys.press("Escape")
    # A name that changes and changes back is the first again, although it travels only once.
    for name in ("电量", "用电量"):
        typist.page.get_by_role("button", name="rename").click()  # type: ignore[attr-defined]
        typist.see("[data-testid=stCaptionContainer]", f"electricity: {name}")
    typist.go(10)
    typist.keys.type(" * elec")
    typist.see(".cm-tooltip-autocomplete li", "electricity用电量")
    typist.page.wait_for_timeout(200)  # type: ignore[attr-defined]
    typist.keys.press("Enter")
    typist.see(".cm-line", "formula: electricity / floor_area * electricity")
    typist.keys.type(" + 建筑")
    typist.see(".cm-tooltip-autocomplete li", "建筑面积floor_area")
    typist.page.wait_for_timeout(200)  # type: ignore[attr-defined]
    typist.keys.press("Enter")
    typist.see(".cm-line", "* electricity + floor_area")


def test_what_is_typed_without_a_server_reaches_the_next_one(
    bundle: Path, visitor: object, tmp_path: Path
) -> None:
    """It is said not to be saved, outlives a page loaded anew as well, and is in the text of the new session."""
    shutil.copytree(bundle.parent, tmp_path / "static")
    port = _free_port()
    page = visitor.new_page()  # type: ignore[attr-defined]
    typist = Typist(page)
    with _served(tmp_path, port):
        page.goto(f"http://127.0.0.1:{port}")
        page.wait_for_selector(".cm-content", timeout=60_000)
        typist.go(14)
        typist.keys.type("得分")
        typist.see("[data-testid=stCode]", "name: 综合得分")
        assert not page.locator(".q-unsent").is_visible()
    typist.keys.type("之一")
    typist.see(".q-unsent", "未保存 · 连接中断")
    with _served(tmp_path, port):
        typist.see("[data-testid=stCode]", "name: 综合得分之一")
        page.locator(".q-unsent").wait_for(state="hidden")
        typist.press_slowly("rename")
        typist.go(14)
        typist.keys.type("二")
        page.wait_for_timeout(200)
        page.reload()
        typist.see("[data-testid=stCode]", "name: 综合得分之一二")
        page.close()


@pytest.mark.parametrize("anew", [False, True])
def test_what_is_typed_right_before_the_editor_goes_is_there_when_it_comes_back(typist: Typist, anew: bool) -> None:
    """Also where the page is loaded anew in between."""
    page: Any = typist.page
    away = "() => document.querySelector('[data-testid=stCheckbox] input').click()"
    typist.go(14)
    typist.keys.type("得分")
    page.evaluate(away)
    page.locator(".cm-content").wait_for(state="detached")
    if anew:
        page.reload()
    else:
        page.evaluate(away)
    typist.see("[data-testid=stCode]", "name: 综合得分")


def test_a_press_beside_the_text_sends_what_was_typed(typist: Typist) -> None:
    """A finger is put down before it leads elsewhere: what was typed waits neither for that nor for a pause."""
    typist.go(14)
    sent = """async (beside) => {
        document.execCommand("insertText", false, "得分")
        await new Promise(requestAnimationFrame)
        document.querySelector(beside).dispatchEvent(new PointerEvent("pointerdown", { bubbles: true }))
        return sessionStorage.getItem("quheng unsent")?.includes("综合得分") ?? false
    }"""
    assert typist.page.evaluate(sent, "[data-testid=stCheckbox]")  # type: ignore[attr-defined]
    typist.see("[data-testid=stCode]", "name: 综合得分")


def test_half_a_sign_is_mended_as_it_is_pasted(typist: Typist) -> None:
    """No file could hold it; the editor and the page show the sign for what is unreadable."""
    typist.go(14)
    typist.page.evaluate("document.execCommand('insertText', false, String.fromCharCode(0xd83d) + '!')")  # type: ignore[attr-defined]
    typist.see("[data-testid=stCode]", "name: 综合\ufffd!")
    typist.see(".cm-line", "name: 综合")
    assert typist.page.locator(".cm-specialChar").count() == 0  # type: ignore[attr-defined]


def test_a_keyboard_gets_out_of_the_editor(typist: Typist) -> None:
    """Tab indents, Escape and then Tab leaves; the editor says so to those who cannot see it."""
    content = typist.page.locator(".cm-content")  # type: ignore[attr-defined]
    assert content.get_attribute("aria-label") == "定义文本"
    assert "Esc" in content.get_attribute("aria-description")
    typist.go(1)
    typist.keys.press("Tab")
    typist.see(".cm-line", "  schema: 1")
    typist.keys.press("Control+z")
    typist.keys.press("Escape")
    typist.keys.press("Tab")
    assert not typist.page.evaluate("document.activeElement.classList.contains('cm-content')")  # type: ignore[attr-defined]
