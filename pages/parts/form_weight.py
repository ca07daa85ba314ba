"""What an indicator counts in its pillar: the weight as it is written, and the share that comes of it."""

from hashlib import sha256
from html import escape
from typing import Any

import streamlit as st
from pydantic import ValidationError

from metrics.consultation import in_force
from metrics.definitions import Definitions, Leaf, Node
from metrics.methods import Combine
from metrics.terms import term
from metrics.tree import code_of
from metrics.yamltext import Path
from pages.parts.form_methods import number, reason
from pages.parts.form_sheet import Sheet, label_of, say, shown
from pages.parts.formats import share
from pages.parts.i18n import language, t


def weight(sheet: Sheet, path: Path, leaf: dict[str, Any], pillar: str) -> None:
    """The weight, to be changed where it has a say in the share."""
    node = sheet.definitions.tree_nodes.get(pillar)
    label, more = label_of(Leaf, "weight")
    current = shown(leaf.get("weight"))
    found = st.text_input(
        label, key=sheet.slot("weight", current), help=more or None, placeholder=t("默认 {value}", value=1),
        disabled=node is not None and not _has_a_say(node, sheet.definitions),
    )  # fmt: skip
    if found == current or not (found or current):
        return
    written = number(found or "1")
    wrong = not_a_weight(written)
    if wrong:
        say(wrong)
    else:
        sheet.write((*path, "weight"), written)


def counted(sheet: Sheet, pillar: str) -> None:
    """The share in force and what decides it, where the definitions are those of the text."""
    node = sheet.definitions.tree_nodes.get(pillar)
    fresh = sheet.definitions.digest == sha256(sheet.text.encode()).hexdigest()
    if node is None or not fresh:
        _line(t("份额在文本没有错误时显示"))
        return
    places, shares = [code_of(child) for child in node.children], in_force(sheet.definitions, node)
    own = sheet.scored.get(sheet.code) if shares is None else shares[places.index(sheet.code)]
    if own is not None:
        _line(t("在“{parent}”中的份额：{share}", parent=_name(node), share=share(own)))
    decided(node, sheet.definitions)


def decided(node: Node, definitions: Definitions) -> None:
    """What decides the weights of a node, where it is not the numbers beside its children alone."""
    method = definitions.weights_of(node).method
    facts = {"parent": _name(node), "method": term("weights", method, language())}
    if not _has_a_say(node, definitions):
        _line(t("“{parent}”的权重按“{method}”确定，这里填的数不起作用。", **facts))
    elif method != "declared":
        _line(t("“{parent}”的权重按“{method}”确定，这里填的数只是其中一部分。", **facts))


def _has_a_say(node: Node, definitions: Definitions) -> bool:
    """Whether the numbers beside a node's children change what they count."""
    method = definitions.weights_of(node)
    sources = [part.of for part in method.parts] if isinstance(method, Combine) else [method]
    return any(source.method == "declared" for source in sources)


def not_a_weight(value: Any) -> str:
    """What keeps a value from being a weight, in words; empty where nothing does."""
    try:
        leaf = Leaf.model_validate({"indicator": "x", "weight": value})
    except ValidationError as error:
        return reason(error.errors(include_url=False)[0], Leaf)
    return "" if leaf.weight > 0.0 else t("权重须大于 0，文本没有改动。")


def _name(node: Node) -> str:
    return node.name.text(language())


def _line(words: str) -> None:
    st.html(f'<p class="q-sub">{escape(words)}</p>')
