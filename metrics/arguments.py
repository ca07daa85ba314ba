"""The options of the commands, the same for files and for a store."""

import argparse
from pathlib import Path

# The formats of `scorecard`: the names of metrics.export.FORMATS, known without loading them.
SCORECARDS = ("csv", "json", "xlsx", "pdf", "html", "md", "bundle")


def add_files(parser: argparse.ArgumentParser) -> None:
    """The files a scorecard is made from."""
    parser.add_argument("--indicators", type=Path, required=True, metavar="FILE")
    parser.add_argument("--facts", type=Path, required=True, metavar="FILE")
    parser.add_argument("--regions", type=Path, metavar="FILE")


def add_adjustments(parser: argparse.ArgumentParser) -> None:
    """The points that were agreed on, for whatever is scored from files."""
    words = "points given or taken for a reason, in the form of a bundle's adjustments.csv (docs/verify.md)"
    parser.add_argument("--adjustments", type=Path, metavar="FILE.csv", help=words)


def add_doc(parser: argparse.ArgumentParser) -> None:
    """The options of `doc`."""
    parser.add_argument("--format", choices=("md", "html", "pdf"), help="default: by the ending of --out, else md")
    parser.add_argument("--out", type=Path, metavar="FILE", help="default: standard output, for Markdown")


def add_score(parser: argparse.ArgumentParser) -> None:
    """The options of `score`."""
    parser.add_argument("--period", metavar="CYCLE")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv|.parquet|.json")


def add_explain(parser: argparse.ArgumentParser) -> None:
    """The options of `explain`."""
    parser.add_argument("--region", required=True, metavar="CODE|NAME")
    for name in ("period", "code"):
        parser.add_argument(f"--{name}", required=True)


def add_scorecard(parser: argparse.ArgumentParser) -> None:
    """The options of `scorecard`."""
    parser.add_argument("--region", action="append", metavar="CODE|NAME", help="may stand several times")
    parser.add_argument("--all", action="store_true", help="every compared region's own files")
    parser.add_argument("--period", metavar="CYCLE")
    names = ",".join(SCORECARDS)
    parser.add_argument("--format", type=_formats, required=True, metavar=names, help="with --all several, with commas")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="with --all a new folder, or a .zip")


def _formats(text: str) -> str:
    """Formats with commas between. Raises ArgumentTypeError, which is wrong usage, for another one."""
    unknown = [name for name in text.split(",") if name not in SCORECARDS]
    if unknown:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)!r} (choose from {', '.join(SCORECARDS)})")
    return text


def add_change(parser: argparse.ArgumentParser) -> None:
    """The options of `change`."""
    for name in ("before", "after"):
        parser.add_argument(f"--{name}", required=True, metavar="CYCLE")
    parser.add_argument("--code", help="a pillar or indicator; default: the composite")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv|.parquet|.json")


def add_impact(parser: argparse.ArgumentParser) -> None:
    """The options of `impact`."""
    parser.add_argument("--out", type=Path, metavar="OUT.csv|.parquet|.json", help="every row that changes")


def add_robustness(parser: argparse.ArgumentParser) -> None:
    """The options of `robustness`."""
    parser.add_argument("--trials", type=int, metavar="N", help="default: the definitions' own")
    parser.add_argument("--seed", type=int, metavar="S", help="default: the definitions' own")
    parser.add_argument("--out", type=Path, required=True, metavar="OUT.csv|.parquet|.json")
    parser.add_argument("--pairs", type=Path, metavar="FILE", help="the probability that A scores above B")
