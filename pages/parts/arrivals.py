"""What the store holds, and the batches in which it came."""

from html import escape
from typing import Any

import polars as pl
import streamlit as st

from pages.parts.headlines import sentence
from pages.parts.i18n import t
from pages.parts.tables import table, title


def stored(status: dict[str, Any]) -> None:
    """How much there is, or that there is nothing yet and what to do."""
    if not status["facts"]:
        sentence([escape(t("还没有事实；请在下面导入一个文件"))])
        return
    words = t(
        "库中共 {facts} 条事实，{regions} 个地区，{sites} 个公共机构，{first} 至 {last}",
        facts=f"{status['facts']:,}", regions=status["regions"], sites=f"{status['sites']:,}",
        first=status["periods"]["first"], last=status["periods"]["last"],
    )  # fmt: skip
    title(words)


def batches(received: pl.DataFrame) -> None:
    """Every batch, the newest first; nothing where there is none yet."""
    if received.is_empty():
        return
    title(t("{count} 个批次", count=received.height), t("最新的在前；时间为协调世界时（UTC）"))
    lines = [
        [
            str(row["id"]),
            escape(row["file"]),
            escape(row["sender"] or "—"),
            escape(str(row["received"])[:16].replace("T", " ")),
            *(f"{row[name]:,}" for name in ("read", "accepted", "rejected")),
        ]
        for row in received.iter_rows(named=True)
    ]
    heads = [t("批次"), t("文件"), t("报送人"), t("收到"), t("读入"), t("接受"), t("拒绝")]
    st.html(table(heads, lines, kind="words"))
