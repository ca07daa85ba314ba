"""Weights by people: several experts compare or share out, and what they come to goes into the definitions."""

from metrics.problems import InputError
from pages.parts.asked import ask
from pages.parts.handing import standing
from pages.parts.i18n import t
from pages.parts.judged import picture, result, source
from pages.parts.judges import choose_judge
from pages.parts.judging import judge, lead
from pages.parts.kept import note, offer, overtaken
from pages.parts.shell import badge, begin, stop, stop_with

begin("define")
try:
    stands = standing()
except (InputError, OSError) as error:
    stop_with(error)
badge(stands.label)
asked = ask(stands)
if asked is None:
    stop(t("没有要权衡的下级"), t("至少要有一个维度有两项下级，才有权重可言。"), ("definitions", t("去看指标体系")))
lead(asked)
offer(stands)
by = choose_judge(asked)
overtaken(asked)
if by is not None:
    judge(asked, by)
found = asked.consensus
if found is not None:
    picture(asked, found, by)
    result(asked, found, stands)
note()
source(stands)
