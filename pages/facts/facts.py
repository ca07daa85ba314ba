"""Facts: what has come in, what is missing, and a file brought in after a look at what would become of it."""


from data.store import Store
from metrics.problems import InputError
from pages.parts.arrivals import batches, stored
from pages.parts.filters import choose
from pages.parts.gaps import gaps
from pages.parts.shell import badge, begin, hint, load, stop_with
from pages.parts.uploads import bring_in

begin()
store = Store()
try:
    status, received = store.status(), store.batches()
except (InputError, OSError) as error:
    stop_with(error)
badge(status["label"])
try:
    screen = load(store) if status["facts"] else None
except (InputError, OSError) as error:
    screen = None
    hint(error)
if screen is not None and screen.card.periods:
    gaps(screen, choose(screen, comparing=False, picking=False))
stored(status)
bring_in(store, status["snapshot"])
batches(received)
