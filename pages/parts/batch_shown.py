"""A batch on the page: begun, watched, ended, taken; a page that is left, or loaded again, finds it."""

from html import escape

import streamlit as st

from data.store import Store
from metrics.export.many import ABSENT
from metrics.problems import InputError, Problem, reason_of
from pages.parts.batch import KEPT_FOR, Batch, Batches
from pages.parts.i18n import t
from pages.parts.journalled_exports import noted
from pages.parts.taking import Order
from pages.parts.words import literal, told

_HELD = "batch"
LOOK_EVERY = 1.0


@st.cache_resource(show_spinner=False)
def _pool() -> Batches:
    return Batches()


def _of_session(store: Store) -> Batch | None:
    """The session's batch, or the person's whose token stands in the address: that of a page loaded again."""
    batch, token = st.session_state.get(_HELD), st.query_params.get(_HELD)
    if batch is None and token is not None:
        batch = st.session_state[_HELD] = _pool().find(token, store.access.person.id)
    return batch if isinstance(batch, Batch) else None


def begin(order: Order) -> None:
    """The button that begins a batch; where one is under way it waits for that."""
    batch = _of_session(order.screen.store)
    count = len(order.forms) * (len(order.regions) if order.apart else 1)
    busy = batch is not None and not batch.over
    if st.button(
        t("生成 {count} 个文件（压缩包）", count=count), type="primary", icon=":material/folder_zip:", disabled=busy
    ):
        try:
            st.session_state[_HELD] = _started(order)
        except InputError as error:
            st.error(literal(told(error.problems[0])))
            return
        st.rerun()


def _started(order: Order) -> Batch:
    # Once: a cycle that is published meanwhile stays open in these files and in their entry.
    asked = order.asked()

    def journal(batch: Batch) -> None:
        order.journal("batch", asked, batch.digest, batch.size, batch.name)

    person = order.screen.store.access.person.id
    return _pool().start(order.archive(), order.parts(asked), journal, person=person)


def watch(store: Store) -> None:
    """How far this session's batch is, or what became of it."""
    batch = _of_session(store)
    if batch is None:
        if _HELD in st.query_params:
            st.info(t("这个网址里的压缩包已经不在了，请重新生成。"))
            _forget()
        return
    st.query_params[_HELD] = batch.token
    if not batch.over:
        _progress(batch)
    elif batch.stage == "done":
        _taken(store, batch)
    else:
        _ended(batch)


@st.fragment(run_every=LOOK_EVERY)
def _progress(batch: Batch) -> None:
    if batch.over:
        st.rerun()
        return
    words = t("正在生成：{made} / {total}  {name}", made=batch.made, total=batch.total, name=batch.at)
    if batch.stage == "waiting":
        words = t("排队等候：前面还有别的文件在生成")
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.progress(batch.made / max(batch.total, 1), escape(words))
    if right.button(t("取消"), width="stretch"):
        batch.cancel()
        st.rerun()
    st.html(f'<p class="q-sub">{escape(_kept())}</p>')


def _kept() -> str:
    minutes = KEPT_FOR // 60
    return t("可以离开或刷新本页。做好后在本页网址为您最多保留 {minutes} 分钟。", minutes=minutes)


def _taken(store: Store, batch: Batch) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    left.download_button(
        t("下载压缩包（{count} 个文件，{size}）", count=batch.total - len(batch.absent), size=size_words(batch.size)),
        noted(store, batch.name, batch.content), batch.name, "application/zip",
        type="primary", icon=":material/download:", on_click="ignore", key="take batch",
    )  # fmt: skip
    right.button(t("丢弃"), width="stretch", on_click=_forget)
    if batch.absent:
        words = t("{count} 个文件没有生成，原因写在压缩包的 {file} 里。", count=len(batch.absent), file=ABSENT)
        st.warning(literal(f"{words}\n\n{told(batch.absent[0][1])}"))
    st.html(
        f'<p class="q-sub">SHA-256 <code style="overflow-wrap:anywhere">{batch.digest}</code></p>'
        f'<p class="q-sub">{escape(_kept())}</p>'
    )


def _ended(batch: Batch) -> None:
    """Cancelled, or why it failed."""
    error = batch.error
    if batch.stage == "cancelled":
        st.info(t("已取消，没有留下文件。"))
    elif isinstance(error, InputError):
        st.error(literal(told(error.problems[0])))
    elif isinstance(error, OSError):
        st.error(literal(told(Problem("unwritable_file", facts={"reason": reason_of(error)}))))
    else:
        st.error(t("没有生成：{reason}", reason=literal(str(error or "") or type(error).__name__)))
    _forget()


def _forget() -> None:
    batch = st.session_state.pop(_HELD, None)
    if batch is not None:
        _pool().drop(batch)
    st.query_params.pop(_HELD, None)


def size_words(size: int) -> str:
    """A file's size as people read it."""
    return f"{size / 1e6:,.1f} MB" if size >= 1e5 else f"{size / 1e3:,.1f} kB"
