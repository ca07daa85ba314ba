"""Unready: a reviewer whose grant opens nothing yet: why, and what to do."""

from collections.abc import Iterable

from data.grants import held_by
from data.rights import ROLES
from data.store import Store
from pages.parts.i18n import t
from pages.parts.trial import tried


def unready(store: Store, rights: Iterable[str]) -> tuple[str, str] | None:
    """Where a page wants rights that a reviewer may have: a title and a sentence for a reviewer for no region, or for
    one that has nobody to review; None for others."""
    person = store.access.person
    trial = tried(person) if person.way == "local" else None
    held = [trial] if trial else held_by(store, person)
    regions = [one.region for one in held if one.role == "reviewer"]
    if not regions or ROLES["reviewer"].isdisjoint(rights):
        return None
    if any(regions):
        words = t("会审人员看得到自己抽到的会审对象，从抽签以后起；您代表的地区现在没有抽到。")
        return t("还没有抽到会审对象"), words + t("抽签由评估人员在“流程”页的“交叉会审”做。")
    words = t("会审人员代表一个地区去会审别的地区：请系统管理员在授权里写明是哪个地区。")
    if trial:
        words = t("会审人员代表一个地区去会审别的地区：请在左边“试用角色”下面选一个地区。")
    return t("还没有选定地区"), words
