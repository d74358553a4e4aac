"""The tables of outlines: their assets and notes."""

from __future__ import annotations

from series.areas.model import AreaSource
from series.notes import Notes

AREAS = (
    AreaSource(
        "protected",
        "protected areas",
        "WCMC/WDPA/current/polygons",
        Notes(
            "World Database on Protected Areas, polygons (UNEP-WCMC and IUCN, www.protectedplanet.net)",
            "non-commercial use only, of results too; anything else needs permission of UNEP-WCMC; cite the source",
            "not stated by the producer; outlines are as countries report them, from surveyed to sketched",
            "many areas of China are absent, so that land outside may be protected; a legal status says nothing about "
            "how an area is managed, and areas often lie where land is hard to use",
        ),
        restricted=True,
        properties=("WDPAID", "NAME", "DESIG_ENG", "IUCN_CAT", "STATUS", "STATUS_YR"),
        kept=(("STATUS", ("Designated", "Inscribed", "Established")),),
        since="STATUS_YR",
    ),
    AreaSource(
        "key_areas",
        "key biodiversity areas",
        "projects/ee-kbas-in-gee/assets/current",
        Notes(
            "World Database of Key Biodiversity Areas (BirdLife International and the KBA partnership)",
            "non-commercial use only, of results too; on request of www.keybiodiversityareas.org; cite the source",
            "not stated by the producer; the names of its properties were not verified with an account",
            "an area is named where somebody looked: land outside may be as important; many are known for birds alone",
        ),
        restricted=True,
        properties=("SitRecID", "IntName", "NatName"),
    ),
    AreaSource(
        "mines",
        "mines",
        "projects/sat-io/open-datasets/global-mining/global_mining_polygons",
        Notes(
            "Global mining polygons, version 2 (Maus and others 2022, doi:10.1038/s41597-022-01547-4)",
            "CC-BY-4.0 in the catalogue of community data sets; the deposit of its authors names CC-BY-SA-4.0",
            "outlines were drawn by eye on images of 2019; the authors report about 88 % right",
            "outlines of one date: they do not say when a mine began, and small or new mines are missing",
        ),
        restricted=False,
        properties=("AREA", "COUNTRY_NAME", "ISO3_CODE"),
        reach=0.1,
        period="2019",
    ),
    AreaSource(
        "countries",
        "countries",
        "USDOS/LSIB_SIMPLE/2017",
        Notes(
            "Large Scale International Boundary polygons, simplified (U.S. Department of State, 2017)",
            "public domain",
            "lines are simplified, some hundreds of metres off",
            "the outlines of one government, read to test for jumps of data at borders: no view on any border",
        ),
        restricted=False,
        properties=("country_na", "country_co"),
        period="2017",
    ),
)
