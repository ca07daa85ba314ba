"""Regions, their attributes and areas: from a file or a frame into the store."""

import polars as pl

from data.writer import Writer
from metrics.problems import InputError, Problem
from metrics.regions import COLUMNS, regions_of

VALIDITY = ("valid_from", "valid_to", "successor")
# Heads of no file: an attribute may itself be called "name" or "value".
_NAME, _VALUE = "\0name", "\0value"


def add_regions(writer: Writer, frame: pl.DataFrame) -> None:
    """Regions of the contract's form, with attributes and an `areas` column (`名称|Name;…`). Raises InputError."""
    regions_of(frame.drop("areas", strict=False), named=())
    texts = frame.select(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    columns = [name for name in (*COLUMNS, *VALIDITY) if name in texts.columns]
    named = texts.with_columns(
        pl.coalesce(name, "code").alias(name) for name in ("name_zh", "name_en") if name in texts.columns
    )
    named = named.with_columns(
        pl.col("code").alias(name) for name in ("name_zh", "name_en") if name not in texts.columns
    )
    writer.insert("regions", named.select(*dict.fromkeys((*columns, "name_zh", "name_en"))))
    attributes = [name for name in texts.columns if name not in (*COLUMNS, *VALIDITY, "areas")]
    if attributes:
        long = texts.unpivot(attributes, index="code", variable_name=_NAME, value_name=_VALUE).drop_nulls(_VALUE)
        writer.insert("region_attributes", long.rename({"code": "region", _NAME: "name", _VALUE: "value"}))
    if "areas" in texts.columns:
        add_areas(writer, _members(texts))
    writer.setting("regions", "given")


def add_areas(writer: Writer, members: pl.DataFrame) -> None:
    """Areas and who belongs to them: area, name_zh, name_en, region."""
    writer.insert("areas", members.select("area", "name_zh", "name_en").unique("area", maintain_order=True))
    writer.insert("area_regions", members.select("area", "region").unique(maintain_order=True))


def _members(texts: pl.DataFrame) -> pl.DataFrame:
    rows = []
    for code, areas in texts.select("code", "areas").drop_nulls().iter_rows():
        for text in areas.split(";"):
            zh, _, en = (part.strip() for part in text.partition("|"))
            if not zh:
                raise InputError([Problem("bad_areas", path="areas", facts={"region": code})])
            rows.append((zh, zh, en or zh, code))
    return pl.DataFrame(rows, schema=dict.fromkeys(("area", "name_zh", "name_en", "region"), pl.String), orient="row")
