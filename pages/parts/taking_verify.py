"""How what was taken is verified without this system: by digests, by recomputation, by who signed it."""

from html import escape

import streamlit as st

from data.keys import signer_beside
from data.store import Store
from metrics.problems import InputError
from pages.parts.i18n import t
from pages.parts.tables import bullets
from pages.parts.words import told


def how(store: Store) -> None:
    """The ways, each with what to type; the fingerprint of the store's key where it has one."""
    with st.expander(t("怎样核对带走的文件"), key="verify", on_change="rerun") as whole:
        if not whole.open:
            return
        bullets([
            _way(t("单个文件：算出 SHA-256，与下面的台账比较。"), "sha256sum FILE"),
            _way(t("压缩包：解开后逐个核对其中的摘要。"), "sha256sum -c SHA256SUMS.txt"),
            _way(t("复核包：从数据和定义重新算出每个得分，不需要本系统。"),
                 "python -m metrics verify BUNDLE.zip --key PUBLIC.pem"),
            _way(t("自己复算的结果：在下面上传，逐项比较。"), ""),
        ])  # fmt: skip
        st.html(f'<p class="q-sub">{_signed(store)}</p>')


def _way(words: str, command: str) -> str:
    return escape(words) + (f" <code>{escape(command)}</code>" if command else "")


def _signed(store: Store) -> str:
    """Whose signature the bundles carry, or that they carry none."""
    try:
        signer = signer_beside(store)
    except InputError as error:
        return escape(told(error.problems[0]))
    if signer is None:
        return escape(t("本库没有签名密钥，复核包不签名；可用 python -m data key 生成。"))
    words = t("复核包由本库的密钥签名。公钥指纹（请另行向本单位核实）：")
    return f'{escape(words)} <code style="overflow-wrap:anywhere">{escape(signer.fingerprint)}</code>'
