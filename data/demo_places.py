"""The invented places of the demonstration area: three provinces, their cities, and the institutions in each city.

No province, prefecture, county, township or village of China bears one of these names (compared with the published list
of divisions), and codes that begin with 9 are outside GB/T 2260.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Literal

import polars as pl

Theme = Literal["cost", "energy", "service", "asset", "synergy", "green"]
Path = tuple[float, float]

STEADY = (0.0, 0.25, 0.5, 0.75, 1.0)
EARLY = (0.0, 0.45, 0.7, 0.9, 1.0)
LATE = (0.0, 0.10, 0.20, 0.32, 1.0)


@dataclass(frozen=True)
class Province:
    """A province: code, names, climate zone (GB 50176) and tile of the schematic grid."""

    code: str
    name_zh: str
    name_en: str
    climate_zone: str
    tile: tuple[int, int]
    heated: bool = False


@dataclass(frozen=True)
class City:
    """A city, its size, and how good it is at each theme (0 poor … 1 excellent) in the first and in the last year.

    `course` is the share of the way covered by the end of each year; `stock` multiplies the heat its buildings need.
    """

    code: str
    name_zh: str
    name_en: str
    tile: tuple[int, int]
    staff: int
    institutions: int
    cost: Path
    energy: Path
    service: Path
    asset: Path
    synergy: Path
    green: Path
    course: tuple[float, ...] = STEADY
    stock: float = 1.0

    @property
    def province(self) -> Province:
        """The province it belongs to."""
        return _PROVINCE[self.code[:2]]

    def path(self, theme: Theme) -> Path:
        """Its quality at a theme in the first and in the last year."""
        path: Path = getattr(self, theme)
        return path

    @property
    def size_class(self) -> str:
        """大型, 中型 or 小型 by staff on post."""
        return "大型" if self.staff >= 6000 else "中型" if self.staff >= 4000 else "小型"


@dataclass(frozen=True)
class Kind:
    """A kind of institution: names (after the city's), share of the staff, energy per area against the mean."""

    name_zh: str
    name_en: str
    staff: float
    energy: float = 1.0


PROVINCES = (
    Province("910000", "朔岚省", "Shuolan", "寒冷地区", (1, 6), heated=True),
    Province("920000", "云澜省", "Yunlan", "夏热冬冷地区", (3, 6)),
    Province("930000", "望汐省", "Wangxi", "夏热冬暖地区", (5, 6)),
)
_PROVINCE = {province.code[:2]: province for province in PROVINCES}

# fmt: off
# cost, energy, service, asset, synergy, green: first year → last year.
CITIES = (
    City("910100", "霁川市", "Jichuan", (1, 2), 7800, 15,
         (0.58, 0.66), (0.55, 0.59), (0.62, 0.73), (0.50, 0.68), (0.30, 0.74), (0.25, 0.62)),
    City("910200", "雁渚市", "Yanzhu", (1, 3), 4300, 12,
         (0.16, 0.56), (0.18, 0.36), (0.25, 0.64), (0.20, 0.60), (0.10, 0.60), (0.10, 0.50)),
    City("910300", "鹭原市", "Luyuan", (2, 2), 3600, 11,
         (0.20, 0.44), (0.30, 0.33), (0.18, 0.50), (0.16, 0.48), (0.08, 0.50), (0.08, 0.36)),
    City("910400", "旻阳市", "Minyang", (2, 3), 5200, 13,
         (0.82, 0.94), (0.52, 0.62), (0.82, 0.96), (0.74, 0.94), (0.45, 0.95), (0.40, 0.85), stock=1.45),
    City("920100", "枫屿市", "Fengyu", (3, 1), 6900, 15,
         (0.58, 0.93), (0.58, 0.72), (0.62, 0.94), (0.56, 0.92), (0.32, 0.94), (0.28, 0.88)),
    City("920200", "棠州市", "Tangzhou", (3, 3), 5600, 13,
         (0.64, 0.70), (0.60, 0.66), (0.62, 0.72), (0.56, 0.70), (0.35, 0.75), (0.30, 0.64), course=EARLY),
    City("920300", "珩江市", "Hengjiang", (4, 1), 4700, 12,
         (0.45, 0.58), (0.50, 0.525), (0.42, 0.63), (0.40, 0.62), (0.22, 0.64), (0.20, 0.54)),
    City("920400", "菱津市", "Lingjin", (4, 2), 3900, 11,
         (0.28, 0.50), (0.36, 0.42), (0.35, 0.58), (0.25, 0.54), (0.12, 0.60), (0.12, 0.46)),
    City("920500", "青砚市", "Qingyan", (3, 2), 6200, 14,
         (0.76, 0.80), (0.68, 0.72), (0.78, 0.83), (0.70, 0.79), (0.44, 0.83), (0.40, 0.74)),
    City("930100", "笙湖市", "Shenghu", (4, 3), 5000, 13,
         (0.44, 0.67), (0.50, 0.57), (0.46, 0.72), (0.42, 0.71), (0.26, 0.76), (0.22, 0.66), course=LATE),
    City("930200", "瑶津市", "Yaojin", (5, 3), 4500, 12,
         (0.54, 0.64), (0.55, 0.58), (0.56, 0.68), (0.50, 0.66), (0.28, 0.70), (0.25, 0.58)),
    City("930300", "澍川市", "Shuchuan", (5, 4), 8400, 15,
         (0.70, 0.75), (0.62, 0.67), (0.72, 0.78), (0.64, 0.75), (0.40, 0.79), (0.36, 0.70)),
    City("930400", "岫原市", "Xiuyuan", (4, 4), 3200, 11,
         (0.14, 0.40), (0.28, 0.29), (0.15, 0.46), (0.12, 0.44), (0.06, 0.46), (0.05, 0.34)),
)
# fmt: on

KINDS = (
    Kind("级机关第一办公区", "Municipal Offices, Compound 1", 0.17),
    Kind("级机关第二办公区", "Municipal Offices, Compound 2", 0.11),
    Kind("政务服务中心", "Government Service Centre", 0.09, 1.22),
    Kind("公安局", "Public Security Bureau", 0.13, 1.10),
    Kind("人力资源和社会保障局", "Human Resources and Social Security Bureau", 0.07),
    Kind("市场监督管理局", "Market Regulation Bureau", 0.08),
    Kind("自然资源和规划局", "Natural Resources and Planning Bureau", 0.06),
    Kind("住房和城乡建设局", "Housing and Construction Bureau", 0.06),
    Kind("教育局", "Education Bureau", 0.04),
    Kind("公共资源交易中心", "Public Resources Exchange", 0.04, 1.08),
    Kind("档案馆", "City Archives", 0.02, 0.86),
    Kind("应急指挥中心", "Emergency Command Centre", 0.03, 1.30),
    Kind("生态环境局", "Ecology and Environment Bureau", 0.04),
    Kind("文化广电和旅游局", "Culture and Tourism Bureau", 0.03, 0.94),
    Kind("机关事务服务中心", "Government Offices Administration", 0.03, 0.97),
)

_RING = ("910400", "920100", "920500", "930100", "930300")


def wobble(*key: str | int) -> float:
    """A number in -1..1 that depends on the key alone: a hash, so the same on every machine."""
    digest = blake2b("|".join(map(str, key)).encode(), digest_size=6).digest()
    return int.from_bytes(digest, "big") / 2**47 - 1.0


def site_code(city: City, number: int) -> str:
    """The code of a city's institution, counted from 1."""
    return f"{city.code}-{number:02d}"


def regions() -> pl.DataFrame:
    """Provinces and cities, sorted by code.

    Columns: code, name_zh, name_en, parent, level, climate_zone, size_class, tile_row, tile_column, areas.
    """
    provinces = [
        (p.code, p.name_zh, f"{p.name_en} Province", None, "province", p.climate_zone, None, *p.tile, _areas_of(p.code))
        for p in PROVINCES
    ]
    cities = [
        (
            *(c.code, c.name_zh, c.name_en, c.province.code, "city"),
            *(c.province.climate_zone, c.size_class, *c.tile, _areas_of(c.code)),
        )
        for c in CITIES
    ]
    texts = ("code", "name_zh", "name_en", "parent", "level", "climate_zone", "size_class")
    schema = {**dict.fromkeys(texts, pl.String), "tile_row": pl.Int64, "tile_column": pl.Int64, "areas": pl.String}
    return pl.DataFrame([*provinces, *cities], schema=schema, orient="row").sort("code")


# An area's code, its names and its members.
AREAS = (
    ("three_rivers", "三江区", "Three Rivers Area", (*(p.code for p in PROVINCES), *(c.code for c in CITIES))),
    ("river_ring", "沿江都市圈", "Riverside City Ring", _RING),
)


def _areas_of(code: str) -> str:
    return ";".join(f"{zh}|{en}" for _, zh, en, members in AREAS if code in members)


def areas() -> pl.DataFrame:
    """Areas and their members, one row a member: area, name_zh, name_en, region."""
    rows = [(area, zh, en, code) for area, zh, en, members in AREAS for code in sorted(members)]
    return pl.DataFrame(rows, schema=dict.fromkeys(("area", "name_zh", "name_en", "region"), pl.String), orient="row")


def sites() -> pl.DataFrame:
    """Institutions: region, code, name_zh, name_en."""
    rows = [
        (city.code, site_code(city, number), f"{city.name_zh}{kind.name_zh}", f"{city.name_en} {kind.name_en}")
        for city in CITIES
        for number, kind in enumerate(KINDS[: city.institutions], start=1)
    ]
    return pl.DataFrame(rows, schema=dict.fromkeys(("region", "code", "name_zh", "name_en"), pl.String), orient="row")
