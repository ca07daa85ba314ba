"""What the commands write and print, the same from files and from a store."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import file_digest
from pathlib import Path
from typing import TYPE_CHECKING

from metrics.commands import DONE, USER_ERROR
from metrics.problems import InputError, Problem, nearest
from metrics.visible import visible, visible_lines

if TYPE_CHECKING:
    import polars as pl

    from metrics.export.many import Asked
    from metrics.export.occasion import Occasion
    from metrics.impact import Impact
    from metrics.manual import Manual
    from metrics.scorecard import Scorecard
    from metrics.series import Cards


def write_doc(found: "Manual", options: argparse.Namespace) -> int:
    """`doc`: a manual in the format asked for, into a file or, as Markdown, on standard output."""
    from metrics.export import MANUALS
    from metrics.files import write_bytes

    suffix = options.out.suffix.lower().lstrip(".") if options.out is not None else ""
    kind = options.format or (suffix if suffix in MANUALS else "md")
    if options.out is not None:
        write_bytes(MANUALS[kind](found), options.out)
    elif kind == "pdf":
        raise InputError([Problem("out_wanted", path="--out", facts={"format": kind})])
    else:
        print_document(MANUALS[kind](found).decode())
    return DONE


def print_document(text: str) -> None:
    """A text that somebody may keep, on standard output: UTF-8 as it is, and on a terminal as far as that may show."""
    if sys.stdout.isatty():
        print(visible_lines(text), end="")
    else:
        sys.stdout.flush()
        sys.stdout.buffer.write(text.encode())


def write_score(frame: "pl.DataFrame", options: argparse.Namespace) -> int:
    """`score`: the contract's rows into a file, of one cycle where one is named."""
    import polars as pl

    from metrics.files import write_frame

    write_frame(frame if options.period is None else frame.filter(pl.col("period") == options.period), options.out)
    return DONE


def print_explanation(card: "Scorecard", options: argparse.Namespace) -> int:
    """`explain`: the ladder on standard output."""
    from metrics.explain import explain

    found = explain(card, region_of(card, options.region), options.period, options.code, facts=card.facts)
    print(visible_lines(found.text(options.lang)), end="")
    return DONE


def write_change(before: "Scorecard", after: "Scorecard", options: argparse.Namespace) -> int:
    """`change`: the ledgers of all regions into a file, with names and words beside the codes."""
    from metrics.change import ledgers, named, outcomes
    from metrics.files import write_frame

    asked = {"period_before": options.before, "period_after": options.after, "code": options.code}
    found = ledgers(before, after, **asked)
    if options.before == options.after:
        raise InputError([Problem("not_later", facts={"due": options.after, "period": options.before})])
    missing = outcomes(before, after, **asked).drop_nulls("missing")["region"].to_list()
    if missing:
        about = {"period": f"{options.before} / {options.after}", "code": options.code or after.definitions.index.code}
        note = Problem("regions_without_change", facts={**about, "count": len(missing), "regions": ", ".join(missing)})
        print(note.render("", options.lang), file=sys.stderr)
    write_frame(named(found, before, after, lang=options.lang), options.out)
    return DONE


def write_impact(impacts: "Sequence[Impact]", options: argparse.Namespace) -> int:
    """`impact`: whom the change touches and why on standard output, every row that changes into a file."""
    from metrics.files import write_frame
    from metrics.impact import rows_of
    from metrics.impact_words import lines

    print(*map(visible, lines(impacts, lang=options.lang)), sep="\n")
    if options.out is not None:
        write_frame(rows_of(impacts), options.out)
    return DONE


def write_robustness(cards: "Mapping[str, Scorecard]", options: argparse.Namespace) -> int:
    """`robustness`: rank intervals of every cycle into a file, and the pairs into another where one is named."""
    import polars as pl

    from metrics.files import write_frame
    from metrics.robustness import analyse

    if options.pairs is not None and os.path.realpath(options.pairs) == os.path.realpath(options.out):
        raise InputError([Problem("one_file_for_two", path="--pairs", facts={"file": options.out})])
    of = {id(card): analyse(card, trials=options.trials, seed=options.seed) for card in cards.values()}
    own = [(of[id(card)], pl.col("period") == period) for period, card in cards.items()]
    if options.pairs is not None:
        write_frame(pl.concat([found.pairs.filter(cycle) for found, cycle in own]), options.pairs)
    write_frame(pl.concat([found.ranks.filter(cycle) for found, cycle in own]), options.out)
    return DONE


def write_scorecard(
    card: "Scorecard",
    options: argparse.Namespace,
    *,
    periods: "Sequence[str] | None" = None,
    notice: str = "",
    series: "Cards | None" = None,
    occasion: "Occasion | None" = None,
) -> int:
    """`scorecard`: some regions', or all regions', as a file in the format asked for; with --all each region's own in
    every format. Of the cycle named, else `periods`, else all."""
    from metrics.export.many import Asked
    from metrics.files import write_bytes

    if options.period is not None:
        card.require_period(options.period)
    regions = regions_of(card, options)
    chosen = periods if options.period is None else [options.period]
    asked = Asked(card, chosen, options.lang, notice, series, occasion)
    if "bundle" in options.format.split(",") and (occasion is None or occasion.signing is None):
        print(Problem("bundle_unsigned").render("", options.lang), file=sys.stderr)
    done = DONE
    if options.all:
        done = write_all(asked, options)
    elif "," in options.format:
        raise InputError([Problem("one_format_wanted", path="--format", facts={"formats": options.format})])
    else:
        try:
            content = asked.write(options.format, regions)
        except InputError as error:
            done, content = USER_ERROR, _page_instead(asked, regions, error, options)
        write_bytes(content, options.out)
    _tell(options)
    return done


def _page_instead(
    asked: "Asked", regions: "Sequence[str] | None", error: InputError, options: argparse.Namespace
) -> bytes:
    """The same report as a page beside the PDF that could not be set, which is said; the options name it from now on.

    Raises the error again where it is about another thing, or a file is called so already.
    """
    page = options.out.with_suffix(".html")
    if error.problems[0].code not in ("no_typesetting", "not_typeset") or os.path.lexists(page):
        raise error
    content = asked.write("html", regions)
    for problem in (*error.problems, Problem("page_instead", facts={"path": page})):
        print(problem.render("", options.lang), file=sys.stderr)
    options.format, options.out = "html", page
    return content


def write_all(asked: "Asked", options: argparse.Namespace) -> int:
    """Each compared region's files into a new folder, or into one archive where --out ends in .zip; what cannot be made
    is said, and the others are written."""
    from metrics.export.many import ABSENT, archive, into_folder

    if options.region:
        raise InputError([Problem("all_or_one", path="--all")])
    regions = asked.card.regions.filter("compared")["code"].to_list()
    several = list(dict.fromkeys(options.format.split(",")))
    write = archive if options.out.suffix.lower() == ".zip" else into_folder
    absent = write(options.out, asked.each(regions, several))
    if not absent:
        return DONE
    for why in dict.fromkeys(why.render("", options.lang) for _, why in absent):
        print(why, file=sys.stderr)
    names = ", ".join(name for name, _ in absent)
    facts = {"count": len(absent), "names": names, "file": ABSENT}
    print(Problem("files_not_written", facts=facts).render("", options.lang), file=sys.stderr)
    return USER_ERROR


def regions_of(card: "Scorecard", options: argparse.Namespace) -> list[str] | None:
    """The codes of the regions that are asked for, None where none is. Raises InputError as `region_of` does."""
    return list(dict.fromkeys(region_of(card, text) for text in options.region)) if options.region else None


def region_of(card: "Scorecard", text: str) -> str:
    """The region of this code, else of this name in either language. Raises InputError for no region, or several."""
    regions = list(card.regions.select("code", "name_zh", "name_en").iter_rows())
    found = [code for code, *_ in regions if code == text] or [code for code, *names in regions if text in names]
    if len(found) == 1:
        return str(found[0])
    if found:
        facts = {"name": text, "codes": ", ".join(found)}
        raise InputError([Problem("region_not_unique", path="--region", facts=facts)])
    near = nearest(text, {word for region in regions for word in region})
    raise InputError([Problem("not_in_scorecard", path="--region", facts={"name": text, "near": near})])


def written(out: Path) -> tuple[Path, str, int]:
    """A file, its SHA-256 and size; of a folder its list of digests; '' and 0 for a pipe."""
    from metrics.export.many import SUMS

    file = out / SUMS if out.is_dir() else out
    if not file.is_file():
        return file, "", 0
    with file.open("rb") as content:
        return file, file_digest(content, "sha256").hexdigest(), file.stat().st_size


def _tell(options: argparse.Namespace) -> None:
    """What was written, as the journal of exports has it; nothing after a pipe, which may be this very output."""
    file, digest, size = written(options.out)
    if digest:
        words = "已写出 {}：{:,} 字节，SHA-256 {}" if options.lang == "zh" else "Written: {}, {:,} bytes, SHA-256 {}"
        print(visible(words.format(file, size, digest)))
