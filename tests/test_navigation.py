"""The list of pages at the side: each person's own, by the rights with which the pages themselves begin."""

import ast
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from data.rights import ROLES, Person
from pages.parts.url import ACTING, PLACE

ROOT = Path(__file__).parent.parent
VIEW = {"view/overview", "view/compare", "view/region", "view/indicator", "view/explain", "view/paths"}
ALL = {"view/integration", "view/robustness", "view/efficiency", "define/diagnostics"}
LISTED = {
    "leader": {*VIEW, *ALL, "take/scorecards", "define/definitions", "facts/facts", "process/process"},
    "administrator": {"process/process", "process/rights"},
    "auditor": {
        *VIEW, *ALL, "take/scorecards", "define/definitions", "facts/facts", "process/process", "process/rights",
        "process/journal",
    },
    "evaluator": {
        *VIEW, *ALL, "take/scorecards", "define/definitions", "define/weights", "facts/facts", "process/process"
    },
}  # fmt: skip

Listing = Callable[[str | None, str | None], dict[str, bool]]


@pytest.fixture
def listing(used: None, monkeypatch: pytest.MonkeyPatch) -> Listing:
    """Which pages the app knows, and whether it lists them, for a role in a region."""
    found = list[Any]()

    def page(path: str, **told: Any) -> Any:
        found.append((path.removeprefix("pages/").removesuffix(".py"), told["visibility"] == "visible"))
        return SimpleNamespace(title=told["title"], run=lambda: None)

    monkeypatch.setattr(st, "Page", page)
    monkeypatch.setattr(st, "navigation", lambda pages, **_: next(iter(pages.values()))[0])

    def _listing(role: str | None, region: str | None) -> dict[str, bool]:
        found.clear()
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
        at.session_state[ACTING], at.session_state[PLACE] = role, region
        assert not at.run().exception
        return dict(found)

    return _listing


def test_pages_are_listed_for_those_who_may_open_them(listing: Listing) -> None:
    """All of them without sign-in; of a role its own; those that compare all regions only for who sees all of them."""
    every = listing(None, None)
    assert all(every.values())
    assert set(every) == {
        str(file.relative_to(ROOT / "pages").with_suffix("")) for file in (ROOT / "pages").glob("*/*.py")
        if file.parent.name not in ("parts", "locale") and file.stem != "__init__"
    }  # fmt: skip
    for role, own in LISTED.items():
        assert {path for path, listed in listing(role, None).items() if listed} == own, role
    assert set(ROLES) > set(LISTED)
    part = {path for path, listed in listing("reporter", "930200").items() if listed}
    assert part == {*VIEW, "take/scorecards", "define/definitions", "facts/facts", "process/process"}


def _app(**query: str) -> AppTest:
    """The app in a new window with such an address."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    return at.run()


def test_the_role_that_is_tried_stands_in_the_address(listing: Listing) -> None:
    """So that a link, or another load of the page, shows the same to the same; taken away it is gone from there."""
    at = _app()
    at.selectbox(ACTING).set_value("reporter").run()
    at.selectbox(PLACE).set_value("930400").run()
    assert (at.query_params[ACTING], at.query_params[PLACE]) == ("reporter", "930400")
    again = _app(**{ACTING: "reporter", PLACE: "930400"})
    assert (again.selectbox(ACTING).value, again.selectbox(PLACE).value) == ("reporter", "930400")
    at.selectbox(ACTING).set_value(None).run()
    assert not {ACTING, PLACE} & set(at.query_params)
    assert f"{ACTING}=reporter" in _link(**{ACTING: "reporter"})


def _link(**query: str) -> str:
    """A link on a page with such an address."""

    def script() -> None:
        import streamlit

        from pages.parts.url import address

        streamlit.text(address("region"))

    at = AppTest.from_function(script)
    for name, value in query.items():
        at.query_params[name] = value
    return str(at.run().text[0].value)


@pytest.mark.parametrize("role", ["evaluator", "administrator"])
def test_an_address_gives_nobody_a_role_who_signs_in(
    listing: Listing, used: None, monkeypatch: pytest.MonkeyPatch, role: str
) -> None:
    """What it says of a role to try is nothing to them: they see what they were granted, and choose no role."""
    monkeypatch.setattr("pages.parts.signin.mode", lambda: "gateway")
    monkeypatch.setattr("pages.parts.signin.signed_in", lambda _: Person("lead@x", "lead@x", "gateway"))
    at = _app(**{ACTING: role})
    assert ACTING not in at.session_state
    assert [one.label for one in at.selectbox] == []
    assert not at.exception


def test_a_page_is_listed_by_the_rights_it_begins_with() -> None:
    """The rights beside a page in the list are those that the page asks for, so that neither changes alone."""
    tree = ast.parse((ROOT / "app.py").read_text("utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "_page"]
    assert len(calls) > 15
    for call in calls:
        path = ast.literal_eval(call.args[0])
        rights = {ast.unparse(one) for one in call.args[3:]}
        everywhere = any(one.arg == "everywhere" for one in call.keywords)
        assert (rights, everywhere) == _begun(ROOT / "pages" / f"{path}.py"), path


def _begun(file: Path) -> tuple[set[str], bool]:
    """The rights that a page begins with, and whether it is for those only who see all regions."""
    text = file.read_text("utf-8")
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("begin", "require"):
            if any("ACTIONS" in ast.unparse(one) for one in node.args):
                return {"*ANY"}, False
            rights = {ast.unparse(one) for one in node.args}
            everywhere = "everywhere=True" in ast.unparse(node) or 'regions=store.query("SELECT code' in text
            return ({"*SEE"} if node.func.id == "require" else rights), everywhere  # type: ignore[attr-defined]
    raise AssertionError(file)
