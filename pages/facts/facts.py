"""Facts: what has come in, what is missing, a file brought in after a look at what would become of it, the batches."""

from data.revisions import revisions_of
from metrics.problems import InputError
from pages.parts.arrivals import batches, stored
from pages.parts.filters import choose
from pages.parts.gaps import gaps
from pages.parts.i18n import t
from pages.parts.intake_forms import as_of, forms
from pages.parts.pickers import pick_short
from pages.parts.quality import quality
from pages.parts.shell import badge, begin, hint, load, stop_with
from pages.parts.uploads import bring_in

SHOWS = {"state": gaps, "quality": quality}

store = begin("see_facts", "send")
try:
    status, known = store.status(), revisions_of(store)
except (InputError, OSError) as error:
    stop_with(error)
badge(status["label"])
names = {
    "state": t("完整性与期限"),
    "quality": t("数据质量"),
    "bring": t("导入文件"),
    "batches": t("批次与更正"),
    "take": t("填报表与取用"),
}
part = pick_short(t("数据"), "part", names, "state" if status["facts"] else "bring")
if part in SHOWS:
    try:
        screen = load(store) if status["facts"] else None
    except (InputError, OSError) as error:
        screen = None
        hint(error)
    if screen is not None and screen.card.periods:
        SHOWS[part](screen, choose(screen, comparing=False, picking=False))
    if part == "state" or screen is None:
        stored(status)
elif part == "bring":
    if not status["facts"]:
        stored(status)
    bring_in(store, known)
elif part == "batches":
    batches(store, known)
else:
    forms(store, known)
    as_of(store)
