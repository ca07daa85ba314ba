"""Definitions: what is measured, what a change would do, and every version with who approved it."""


from data.drafts import may_write
from data.revisions import revisions_of
from metrics.problems import InputError
from pages.parts.i18n import t
from pages.parts.measures import mend, tree
from pages.parts.pickers import pick_short
from pages.parts.shell import badge, begin, stop_with
from pages.parts.versions import versions
from pages.parts.workbench import workbench

store = begin("see", "define")
try:
    badge(store.settings().get("label", ""))
    path = store.definitions_path()
except (InputError, OSError) as error:
    stop_with(error)
try:
    known = revisions_of(store)
except InputError as error:
    mend(path, error)
names = {"tree": t("指标体系"), "edit": t("修改"), "versions": t("版本记录")}
if not may_write(store.access):
    # What a change would do is told in scores of all regions that are not published.
    del names["edit"]
part = pick_short(t("看什么"), "part", names, "tree")
try:
    if part == "tree":
        tree(known.latest.definitions)
    elif part == "edit":
        workbench(store, known)
    else:
        versions(store, known)
except (InputError, OSError) as error:
    stop_with(error)
