"""Scorecards: what an assessor takes away, seen first, as one file or as many, at full precision."""

from html import escape

import streamlit as st

from metrics.problems import InputError
from metrics.states import warning
from pages.parts.assessed import assessed
from pages.parts.batch_shown import begin, watch
from pages.parts.filters import choose
from pages.parts.formats import cycle_words
from pages.parts.headlines import sentence
from pages.parts.i18n import language, t
from pages.parts.preview import preview
from pages.parts.preview_report import report
from pages.parts.shell import require
from pages.parts.tables import source
from pages.parts.taking import order, scope
from pages.parts.taking_log import log, unwritable
from pages.parts.taking_one import take
from pages.parts.taking_verify import how
from pages.parts.words import literal, told

screen = require()
choice = choose(screen, comparing=False)
sentence([
    escape(t("{area} {cycle}评分卡：{count} 个地区", area=choice.area_name, cycle=cycle_words(choice.cycle),
             count=len(choice.shown)))
])  # fmt: skip
words = t("数字为全精度，可逐项复核。")
st.html(f'<p class="q-sub">{escape(words)}</p>')
wanted = order(screen, choice)
if wanted is not None:
    try:
        st.html(f'<p class="q-sub">{escape(scope(wanted))}</p>')
        still = warning(*wanted.standing(), language())
        words = t("{state}；文件里会写明。", state=still) if still else t("已公布，不再改变。")
        st.html(f'<p class="q-draft">{escape(words)}</p>')
        unwritable(screen.store)
        if wanted.several:
            begin(wanted)
        else:
            take(wanted)
    except InputError as error:
        st.error(literal(told(error.problems[0])))
watch(screen.store)
preview(screen, choice)
if wanted is not None:
    report(wanted)
how(screen.store)
log(screen)
assessed(screen, choice)
source(screen)
