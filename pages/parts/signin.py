"""Signing in: who is at the page, by OpenID Connect, by a gateway's header, or as this machine's own user."""

import time
import unicodedata
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from html import escape
from math import inf
from typing import Any, Literal
from urllib.parse import urlsplit

import streamlit as st

from data.access import opened_for, opened_with
from data.grants import access_by, identity
from data.persons import is_seen_whole
from data.recorded import record
from data.rights import Access, Person, everything
from data.signed import sign_out, signed_out
from data.store import Store
from metrics.problems import InputError, Problem
from pages.parts.guard import LOOPBACK, Rules, require_guard
from pages.parts.i18n import t
from pages.parts.trial import arrived, drawn, tried

Mode = Literal["oidc", "gateway", "local"]
# Who signs at this window: whoever is signed in, and on this machine the name that was typed.
PERSON = "person"
# When somebody came through a gateway into this window.
_SINCE = "came through the gateway"
# Hours after which somebody has to sign in again, unless the settings say otherwise.
HOURS = 8.0


def mode() -> Mode:
    """How people are known here. Raises InputError where the settings say two things at once, or half of one."""
    found = [name for name, section in (("oidc", "auth"), ("gateway", "gateway")) if section in _secrets()]
    if len(found) > 1:
        raise InputError([Problem("two_sign_ins")])
    if found == ["gateway"] and not {"address", "header"} <= set(_section("gateway")):
        raise InputError([Problem("gateway_unset")])
    return "oidc" if found == ["oidc"] else "gateway" if found else "local"


def rules() -> Rules:
    """Whom the guard lets in by the settings. Raises as `mode` does, where the app would be open to other machines
    without sign-in, and where it is not told how long a sign-in lasts."""
    how, named = mode(), _section("quheng").get("hosts", ())
    _lasts()
    if how == "local" and st.get_option("server.address") not in LOOPBACK:
        raise InputError([Problem("open_to_others", facts={"address": st.get_option("server.address") or "*"})])
    home, gateway = urlsplit(str(_section("auth").get("redirect_uri", ""))), _section("gateway")
    headers = {str(gateway[name]).lower() for name in ("header", "name_header") if name in gateway}
    hosts = {str(name).lower() for name in ([named] if isinstance(named, str) else named)}
    return Rules(
        hosts=frozenset({*hosts, home.hostname or LOOPBACK[0]}) if how != "local" else frozenset(),
        https=home.scheme == "https",
        gateway=str(gateway["address"]) if how == "gateway" else None,
        single=Rules.single | headers,
        signed=how == "oidc",
    )


def signed_in(store: Store) -> Person | None:
    """Who is at this window; None where nobody has signed in, or it was too long ago, or they have signed out since.

    Raises InputError for a gateway's header that came from another address, and for a server without its guard.
    """
    require_guard(st.context.headers)
    return {"oidc": _by_provider, "gateway": _by_gateway, "local": _of_this_machine}[mode()](store)


def _by_provider(store: Store) -> Person | None:
    claims = st.user.to_dict()
    if not claims.get("is_logged_in"):
        return None
    person, issued = _claimed(claims), claims.get("iat")
    if person is None or not isinstance(issued, int | float):
        return None
    # Neither too long ago nor in a time to come, which would never be.
    return person if abs(time.time() - issued) <= _lasts() and issued > signed_out(store, person) else None


def _lasts() -> float:
    """The seconds after which somebody has to sign in again. Raises InputError where the settings say no time."""
    told = _section("quheng").get("hours", HOURS)
    try:
        hours = float(told)
    except (TypeError, ValueError):
        hours = 0.0
    if not 0.0 < hours < inf:
        raise InputError([Problem("hours_unset", facts={"found": told})])
    return hours * 3600.0


def _claimed(claims: Mapping[str, Any]) -> Person | None:
    """The person by the claim that the settings name: the address of mail unless told, which is to be verified."""
    claim = str(_section("quheng").get("claim", "email"))
    told = claims.get(claim)
    vouched = _section("quheng").get("unverified_email") is True or claims.get("email_verified") is True
    if not isinstance(told, str) or (claim == "email" and not vouched):
        return None
    code = _named(told)
    if code and len(providers()) > 1:
        code = identity(f"{claims.get('provider')}/{told}")
    return Person(code, str(claims.get("name") or told), "oidc") if code else None


def _named(told: str) -> str:
    """Who a name is of; '' for one that only looks like another's, as by width or by what cannot be seen."""
    return identity(told) if is_seen_whole(told) and unicodedata.is_normalized("NFKC", told) else ""


def providers() -> tuple[str, ...]:
    """The names of the providers that people may sign in with; '' where there is one without a name."""
    section = _section("auth")
    named = tuple(name for name, value in section.items() if isinstance(value, Mapping))
    return named if "client_id" not in section else ("", *named)


def _by_gateway(store: Store) -> Person | None:
    section = _section("gateway")
    peer = st.context.ip_address or LOOPBACK[0]
    told = _header(section["header"])
    if peer != str(section["address"]):
        raise InputError([Problem("not_the_gateway", facts={"address": peer})])
    code = _named(told)
    # A gateway is asked when a window opens and not again.
    if not code or time.time() - st.session_state.setdefault(_SINCE, time.time()) > _lasts():
        return None
    return Person(code, _header(section.get("name_header", "")) or told, "gateway")


def _header(name: object) -> str:
    """What a header says: in UTF-8 where it is that, byte by byte else, as headers were of old."""
    told = st.context.headers.get(str(name)) or ""
    try:
        return told.encode("latin-1").decode()
    except UnicodeError:
        return told


def _of_this_machine(store: Store) -> Person | None:
    name = str(st.session_state.get(PERSON) or "").strip()
    return Person(identity(name), name, "local")


def store_of_page() -> Store | None:
    """The store as whoever is at this window may see and change it; None where nobody has signed in.

    On this machine itself everything, or what the role that is tried out may.
    """
    store = Store()
    person = signed_in(store)
    if person is None:
        return None
    if person.way != "local":
        # Wherever somebody signs, it is this person.
        st.session_state[PERSON] = person.id
        _entered(store, person)
        return opened_for(store, person)
    grant = tried(person)
    if grant is None:
        return store.seen_with(everything(person.name, "local"), None)
    return opened_with(store, access_by(store, person, [grant]))


def still(store: Store) -> None:
    """Begins a fragment, which runs again without its page: where the one at this window is not any more the one whom
    the store is open for, or has other rights, the page runs, and says so."""
    known = store.access
    if known.person.way == "local":
        return
    try:
        is_so = signed_in(store) == known.person and not known.has_moved
    except InputError:
        is_so = False
    if not is_so:
        st.rerun()


def _entered(store: Store, person: Person) -> None:
    """Records a sign-in once: by a provider for every token, by a gateway, which tells no moment, for every window.

    Where it cannot be written it is tried again with the next run: what is public may be read all the same.
    """
    issued = str(st.user.to_dict().get("iat") or "") if person.way == "oidc" else ""
    known = _entries() if issued else st.session_state.setdefault("entries", set())
    if (person.id, issued) in known:
        return
    with suppress(InputError):
        record(store.path, Access(person), "sign_in", name=person.name, issued=_moment(issued))
        known.add((person.id, issued))


@st.cache_resource(show_spinner=False)
def _entries() -> set[tuple[str, str]]:
    """The sign-ins of this server that were recorded."""
    return set()


def _moment(issued: str) -> str:
    return datetime.fromtimestamp(float(issued), UTC).isoformat(timespec="seconds") if issued else ""


def arrive_at_window() -> None:
    """On a machine without sign-in the role that a new address says is tried; anywhere else it says nothing."""
    with suppress(InputError, OSError):
        if mode() == "local":
            arrived(Store())


def access_at_window() -> Access | None:
    """What whoever is at this window may do: nothing where nobody has signed in; None where that cannot be told, which
    each page says."""
    try:
        store = store_of_page()
    except (InputError, OSError):
        return None
    return Access(Person("", "", "oidc")) if store is None else store.access


def leave(store: Store, person: Person) -> None:
    """Signs out: this window's cookie goes, and no copy of it is good any more."""
    sign_out(store, person, time.time())
    with suppress(InputError):
        record(store.path, Access(person), "sign_out")
    st.logout()


def _secrets() -> Mapping[str, Any]:
    return st.secrets if st.secrets.load_if_toml_exists() else {}


def _section(name: str) -> Mapping[str, Any]:
    found = _secrets().get(name, {})
    return found if isinstance(found, Mapping) else {}


def badge_of_person() -> None:
    """In the side bar: who is here and the way out, or the role that is tried out on this machine."""
    try:
        store = Store()
        person, how = signed_in(store), mode()
        if how == "local":
            drawn(store)
        elif person is not None:
            st.caption(t("已登录：{name}", name=person.name))
            if how == "oidc":
                st.button(t("退出登录"), on_click=leave, args=[store, person])
    except (InputError, OSError):
        # What is wrong is told by the page itself.
        return


def door() -> None:
    """The page for whoever has not signed in; nothing is drawn after it."""
    words = t("请用单位的统一登录进入。登录后能看到什么、能做什么，由系统管理员授权。")
    if mode() == "gateway" and _SINCE in st.session_state:
        words = t("这个窗口开得太久了，请刷新本页，重新登录。")
    st.html(f'<div class="q-stop"><h2>{escape(t("请先登录"))}</h2><p>{escape(words)}</p></div>')
    if mode() == "oidc":
        for name in providers():
            label = t("登录") if not name else t("用 {name} 登录", name=name)
            st.button(label, key=f"door {name}", type="primary", on_click=st.login, args=[name] if name else [])
    st.stop()
