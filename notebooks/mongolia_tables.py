"""Real tables of Mongolia as series and tables by place: herds, losses, drought, soums, pasture biomass, winters.

The files are public and not part of the project; `FILES` says where each is from. Numbers of animals are in million
head, biomass in 100 kg/ha as it was weighed, areas in km².
"""

from __future__ import annotations

import json
from pathlib import Path

import geopandas as gpd
import pandas as pd

#: Where each file comes from.
FILES = {
    "mongolia-dzud/livestock_population_national_species.csv": "github.com/nominkhurelchuluun/mongolia-dzud-drought",
    "mongolia-dzud/livestock_losses_national_annual.csv": "github.com/nominkhurelchuluun/mongolia-dzud-drought",
    "mongolia-dzud/spei3_jja_national_1950_2024.csv": "github.com/nominkhurelchuluun/mongolia-dzud-drought",
    "mongolia-dzud/spei3_jja_aimag_trends.csv": "github.com/nominkhurelchuluun/mongolia-dzud-drought",
    "mongolia-prism/NSO_Livestock_Count_ths_Admin2.json": "github.com/WFP-VAM/prism-app, data/mongolia",
    "mongolia-prism/NSO_Animal_Deaths_Annual_Admin1.csv": "github.com/WFP-VAM/prism-app, data/mongolia",
    "mongolia-prism/longterm_data.json": "github.com/WFP-VAM/prism-app, data/mongolia",
    "mongolia-soums/mongolia_adm_nso_v3.gpkg": "github.com/cjcallag/bluesky, data",
    "mongolia-biomass/bms_plot.csv": "github.com/avraltod/Mongolia-Rangelands",
    "mongolia-biomass/mn_soum_db.csv": "github.com/avraltod/Mongolia-Rangelands",
}
#: Sheep units of an animal, as Mongolia counts them.
SHEEP_UNITS = pd.Series({"Horse": 7.0, "Cattle": 6.0, "Camel": 5.0, "Sheep": 1.0, "Goat": 0.9})
#: Projection with true areas over Mongolia.
EQUAL_AREA = "+proj=laea +lat_0=47 +lon_0=104"
#: Other writings of the names of aimags, in small letters without apostrophes.
OTHER_NAMES = {
    "uvurkhangai": "ovorkhangai", "umnugovi": "omnogovi", "khuvsgul": "khovsgol", "tuv": "tov", "hentii": "khentii",
    "bayan-ulgii": "bayan-olgii",
}  # fmt: skip
#: Larger values of a winter are no temperatures, °C.
WARMEST = 30
WINTER = [f"{month}-0{third}" for month in ("dec", "jan", "feb") for third in (1, 2, 3)]


class LackingTables(FileNotFoundError):
    """The folder lacks files; the message says which, and where they are from."""


def require(folder: Path) -> None:
    """Raise LackingTables unless a folder has every file."""
    lacking = [f"{name} (from {source})" for name, source in FILES.items() if not (folder / name).is_file()]
    if lacking:
        raise LackingTables(
            f"{folder} lacks {'; '.join(lacking)}; put the files there, or name their folder in DRYLANDS_FIELD_DATA"
        )


def herds(folder: Path) -> pd.DataFrame:
    """Animals at the end of each year by species, million head."""
    return pd.read_csv(folder / "mongolia-dzud/livestock_population_national_species.csv", index_col="Year")


def losses(folder: Path) -> pd.DataFrame:
    """Grown animals lost in each year by species, million head."""
    found = pd.read_csv(folder / "mongolia-dzud/livestock_losses_national_annual.csv", index_col="Year")
    return found.drop(columns="Total")


def summer_spei(folder: Path) -> pd.Series:
    """SPEI over three months, mean of June to August and of the country, by year."""
    return pd.read_csv(folder / "mongolia-dzud/spei3_jja_national_1950_2024.csv", index_col="Year")["JJA_Mean_SPEI3"]


def aimag_name(text: str) -> str:
    """A name of an aimag in one of its writings as the one that all tables share.

    Examples
    --------
    >>> aimag_name("O'vorxangai"), aimag_name("Uvurkhangai"), aimag_name("Xo'vsgol")
    ('ovorkhangai', 'ovorkhangai', 'khovsgol')
    """
    plain = text.lower().replace("'", "").replace("x", "kh").replace(" ", "-")
    return OTHER_NAMES.get(plain, plain)


def drying(folder: Path) -> pd.Series:
    """Trend of the summers' SPEI 1950–2024 by aimag, a decade, as published."""
    found = pd.read_csv(folder / "mongolia-dzud/spei3_jja_aimag_trends.csv")
    return pd.Series(found["SPEI_slope_per_decade"].to_numpy(), found["Aimag"].map(aimag_name))


def soums(folder: Path) -> pd.DataFrame:
    """Soums by their code: aimag, area, and animals at the end of 2019 (head; NaN where the tables do not meet)."""
    outlines = gpd.read_file(folder / "mongolia-soums/mongolia_adm_nso_v3.gpkg", layer="soum")
    area = outlines.to_crs(EQUAL_AREA).area / 1e6
    listed = pd.DataFrame(
        json.loads((folder / "mongolia-prism/NSO_Livestock_Count_ths_Admin2.json").read_text("utf-8"))["DataList"]
    )
    # the first figure of the statistics office's code is the part of the country
    head = pd.Series(listed["DTVAL_CO"].astype(float).to_numpy() * 1000, listed["CODE"].str[1:])
    code = outlines["ADM2_PCODE"].astype(str)
    table = pd.DataFrame({"aimag": outlines["ADM1_EN"].map(aimag_name), "soum": outlines["ADM2_EN"], "area_km2": area})
    return table.set_index(code).assign(head=head)


def deaths(folder: Path) -> pd.DataFrame:
    """The table of animal deaths by aimag (column) and year 2009–2019, head."""
    found = pd.read_csv(folder / "mongolia-prism/NSO_Animal_Deaths_Annual_Admin1.csv", skiprows=1)
    return found.iloc[:, 1:].set_index(found.columns[1]).T.rename(index=int).rename(columns=aimag_name)


def winters(folder: Path) -> pd.Series:
    """Usual temperature of December to February by aimag, mean of its stations, °C."""
    stations = pd.DataFrame(json.loads((folder / "mongolia-prism/longterm_data.json").read_text("utf-8")))
    # stations without a value have 9999
    known = stations[WINTER].where(stations[WINTER] < WARMEST)
    return known.mean(axis=1).groupby(stations["aimagname"].map(aimag_name)).mean()


def biomass(folder: Path) -> pd.DataFrame:
    """Clipped August biomass: aimag, plot (number), year, value (100 kg/ha)."""
    clipped = pd.read_csv(folder / "mongolia-biomass/bms_plot.csv")
    names = pd.read_csv(folder / "mongolia-biomass/mn_soum_db.csv").drop_duplicates("aimag_mng")
    known = names.set_index("aimag_mng")["aimag_eng"].map(aimag_name)
    table = pd.DataFrame({"aimag": clipped["aimag"].map(known), "plot": clipped["gid"], "year": clipped["year"]})
    return table.assign(value=clipped["bms"])
