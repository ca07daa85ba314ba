"""Trial: on a machine without sign-in, the role that somebody tries out, and where; it stands in the address."""

import streamlit as st

from data.rights import ROLE_NAMES, ROLES, Grant, Person
from data.store import Store
from pages.parts.i18n import language, t
from pages.parts.url import ACTING, PLACE, arrive, leave

# What can be tried: a role, and whether results are seen before they are published though the role alone does not.
TRIED = {"leader": ("leader", False), "leader_early": ("leader", True)} | {role: (role, False) for role in ROLES}


def arrived(store: Store) -> None:
    """Before anything is opened: what a new address says. It can narrow only, since without sign-in all is allowed."""
    arrive(ACTING, list(TRIED))
    arrive(PLACE, list(_places(store)))


def tried(person: Person) -> Grant | None:
    """What the role that is tried would be granted as; None where none is."""
    if (chosen := st.session_state.get(ACTING)) not in TRIED:
        return None
    role, early = TRIED[chosen]
    return Grant(0, person.id, role, str(st.session_state.get(PLACE) or ""), provisional=early)


def drawn(store: Store) -> None:
    """The choice in the side bar, left in the address: a link is another page load, and shows the same to the same."""
    role = st.selectbox(
        t("试用角色"), list(TRIED), key=ACTING, index=None, persist_state="session", placeholder=t("全部权限"),
        format_func=_named,
        on_change=_anywhere,
        help=t("本机模式没有登录：任何打开本页的人都有全部权限。选一个角色，看看这样的人能看到、能做什么。"),
    )  # fmt: skip
    leave(ACTING, role or "")
    place = None
    if role:
        names = _places(store)
        place = st.selectbox(
            t("授权地区"), list(names), key=PLACE, index=None, persist_state="session", placeholder=t("全部地区"),
            format_func=names.__getitem__, label_visibility="collapsed",
        )  # fmt: skip
    leave(PLACE, place or "")


def _named(chosen: str) -> str:
    role, early = TRIED[chosen]
    name = ROLE_NAMES[role][language() != "zh"]
    return t("{role}（可看未公布结果）", role=name) if early else name


def _anywhere() -> None:
    """Another role is tried where it is chosen anew: the region was that of the one before."""
    st.session_state[PLACE] = None


def _places(store: Store) -> dict[str, str]:
    return dict(store.query(f"SELECT code, name_{language()} FROM regions ORDER BY code").iter_rows())
