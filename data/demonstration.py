"""The demonstration into a new store, marked so that every page and export says 示例数据."""

from data.batches import receive
from data.demo import Demo
from data.holdings import ROOT
from data.places import add_areas, add_regions
from data.rolled import refresh
from data.writer import Writer

# A fixed moment, so that the demonstration is the same bytes whenever it is made.
MADE = "2025-01-31T00:00:00+00:00"
DEMO_FILE = "demo"


def fill(writer: Writer, demo: Demo) -> None:
    """Regions, areas, sites and facts as one batch; the setting `label` is `demo`."""
    add_regions(writer, demo.regions.drop("areas", strict=False))
    add_areas(writer, demo.areas)
    writer.insert("sites", demo.sites)
    count = demo.facts.height
    writer.execute(
        "INSERT INTO batches VALUES (1, $file, $file, '', $received, $count, $count, 0, '', '')",
        {"file": DEMO_FILE, "received": MADE, "count": count},
    )
    receive(writer, demo.facts.with_row_index("row", offset=2), 1, moment=MADE)
    writer.setting("label", "demo")
    writer.setting("indicators", "indicators.yaml")
    refresh(writer, ROOT / "indicators.yaml")
