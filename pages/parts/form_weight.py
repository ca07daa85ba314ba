"""What an indicator counts in its pillar: the weight as it is written, and the share that comes of it."""

from hashlib import sha256
from html import escape
from statistics import median
from typing import Any

import streamlit as st
from pydantic import ValidationError

from metrics.consultation import in_force
from metrics.definitions import Definitions
from metrics.methods import Ahp, Budget, Combine, aggregate_name
from metrics.models import Leaf, Node
from metrics.terms import term
from metrics.tree import code_of
from metrics.yamltext import Path
from pages.parts.form_methods import number, reason
from pages.parts.form_sheet import Sheet, label_of, say, shown
from pages.parts.formats import share
from pages.parts.i18n import language, t

# Aggregations to which all children that have a score are alike.
UNWEIGHTED = ("minimum", "mazziotta_pareto")


def weight(sheet: Sheet, path: Path, leaf: dict[str, Any], pillar: str) -> None:
    """The weight, to be changed where it has a say in the share."""
    node = sheet.definitions.tree_nodes.get(pillar)
    label, more = label_of(Leaf, "weight")
    current = shown(leaf.get("weight"))
    found = st.text_input(
        label, key=sheet.slot("weight", current), help=more or None, placeholder=t("默认 {value}", value=1),
        disabled=node is not None and not _has_a_say(node, sheet.definitions), persist_state="session",
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
    """What decides the weights of a node, where it is not the numbers beside its children alone; what they decide."""
    method = definitions.weights_of(node).method
    facts = {"parent": _name(node), "method": term("weights", method, language())}
    if not _has_a_say(node, definitions):
        _line(t("“{parent}”的权重按“{method}”确定，这里填的数不起作用。", **facts))
    elif method != "declared":
        _line(t("“{parent}”的权重按“{method}”确定，这里填的数只是其中一部分。", **facts))
    mean = aggregate_name(definitions.aggregate_of(node))
    if mean in UNWEIGHTED:
        facts["method"] = term("aggregate", mean, language())
        _line(t("“{parent}”按“{method}”汇总：权重不影响得分，只影响覆盖率。", **facts))


def joining(field: Any, pillar: str, definitions: Definitions, *, key: str) -> Any:
    """The weight of one more indicator in a pillar, drawn in `field`; beneath, what it would count."""
    node = definitions.tree_nodes.get(pillar)
    usual = "1" if node is None else f"{median(child.weight for child in node.children):g}"
    label, more = label_of(Leaf, "weight")
    found = field.text_input(
        label, usual, key=key, help=more or None, disabled=node is not None and not _has_a_say(node, definitions)
    )
    weight = number(found or usual)
    wrong = not_a_weight(weight)
    if wrong:
        say(wrong)
    elif node is not None:
        _foretold(node, definitions, Leaf.model_validate({"indicator": "x", "weight": weight}))
        if found == usual and _has_a_say(node, definitions):
            _line(t("{weight} 是原有各项权重的中位数，可以改。", weight=usual))
    return weight


def _foretold(node: Node, definitions: Definitions, leaf: Leaf) -> None:
    """What one more child would count, and what it asks of those who weighed the others."""
    decided(node, definitions)
    if any(isinstance(source, Ahp | Budget) for source in _sources(node, definitions)):
        _line(t("专家还没有判断过新指标：写入后要在“权重征询”里补上，否则文本有错误。"))
        return
    shares = in_force(definitions, node.model_copy(update={"children": (*node.children, leaf)}))
    if shares is not None:
        counts = {"parent": _name(node), "share": share(shares[-1]), "rest": share(1.0 - shares[-1])}
        _line(t("在“{parent}”中将占 {share}，原有各项合计占 {rest}。", **counts))


def _sources(node: Node, definitions: Definitions) -> list[Any]:
    """The methods that a node's weights come from: one, or several that are combined."""
    method = definitions.weights_of(node)
    return [part.of for part in method.parts] if isinstance(method, Combine) else [method]


def _has_a_say(node: Node, definitions: Definitions) -> bool:
    """Whether the numbers beside a node's children change what they count."""
    return any(source.method == "declared" for source in _sources(node, definitions))


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
