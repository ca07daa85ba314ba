"""How what was taken is verified without this system: by digests, by recomputation, by who signed it."""

from html import escape

import streamlit as st

from data.keys import signer_beside
from data.store import Store
from metrics.problems import InputError
from metrics.verify.environment import install
from metrics.verify.layout import KEY
from metrics.verify.pack import packed
from pages.parts.i18n import t
from pages.parts.tables import bullets
from pages.parts.words import told

PROGRAM = "verify.pyz"


def how(store: Store) -> None:
    """The ways, each with what to type; the fingerprint of the store's key where it has one."""
    with st.expander(t("怎样核对带走的文件"), key="verify", on_change="rerun") as whole:
        if not whole.open:
            return
        bullets([
            _way(t("单个文件：算出 SHA-256，与下面的台账比较。"), "sha256sum FILE"),
            _way(t("压缩包：解开后逐个核对其中的摘要。"), "sha256sum -c SHA256SUMS.txt"),
            _way(t("复核包：从数据和定义重算每个得分。不用本系统，只要 Python 3.11 以上和 verify.pyz；先装组件："),
                 install()) + "<br>" + _way(t("再核对："), f"python {PROGRAM} BUNDLE.zip --key {KEY}"),
            _way(t("自己复算的结果：在下面上传，逐项比较。"), ""),
        ])  # fmt: skip
        st.download_button(t("下载 {name}", name=PROGRAM), packed, PROGRAM, key="verify.pyz", on_click="ignore")
        _signed(store)


def _way(words: str, command: str) -> str:
    return escape(words) + (f' <code style="overflow-wrap:anywhere">{escape(command)}</code>' if command else "")


def _signed(store: Store) -> None:
    """Whose signature the bundles carry, with the public key, or that they carry none."""
    try:
        signer = signer_beside(store)
    except InputError as error:
        st.html(f'<p class="q-sub">{escape(told(error.problems[0]))}</p>')
        return
    if signer is None:
        words = t("本库没有签名密钥，复核包不签名，核对时不写 --key；可用 python -m data key --by 姓名 生成。")
        st.html(f'<p class="q-sub">{escape(words)}</p>')
        return
    words = t("复核包由本库的密钥签名。公钥指纹（请另行向本单位核实）：")
    fingerprint = f'<code style="overflow-wrap:anywhere">{escape(signer.fingerprint)}</code>'
    st.html(f'<p class="q-sub">{escape(words)} {fingerprint}</p>')
    st.download_button(t("下载公钥"), signer.public, KEY, key="public key", on_click="ignore")
