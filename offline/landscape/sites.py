"""Places of practices in the virtual landscape, each with a planted effect on productivity.

Centres lie where such work is known to be done (towns and counties, rounded to 0.01 degree); radius,
year and effect are invented here. Some practices do nothing, and one does harm, as evaluation has to
be able to say so.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Site:
    """One practice site: a disc, from a year on, that changes growing-season NDVI by a fraction."""

    name: str
    lon: float
    lat: float
    radius_km: float
    start_year: int
    effect: float
    """fraction of growing-season NDVI gained (positive) or lost once the practice has settled"""


YEARS_TO_SETTLE = 8.0
"""The effect grows linearly over this many years after the start."""

SITES = (
    Site("shapotou", 104.95, 37.46, 9.0, 2005, 0.25),
    Site("yanchi", 107.40, 37.78, 12.0, 2003, 0.30),
    Site("mu-us-east", 109.60, 38.60, 12.0, 2004, 0.35),
    Site("mu-us-west", 108.20, 38.30, 9.0, 2008, 0.22),
    Site("otog", 107.98, 39.10, 8.0, 2006, 0.00),
    Site("hobq-middle", 108.70, 40.35, 11.0, 2005, 0.40),
    Site("hobq-east", 110.10, 40.20, 8.0, 2010, 0.28),
    Site("minqin", 103.10, 38.62, 9.0, 2007, 0.24),
    Site("babusha", 103.13, 37.65, 7.0, 2004, 0.20),
    Site("jiuquan", 98.80, 39.60, 7.0, 2009, 0.12),
    Site("alxa-left", 105.60, 38.85, 9.0, 2006, 0.18),
    Site("siziwang", 111.70, 41.53, 10.0, 2009, 0.15),
    Site("zhenglan", 115.98, 42.25, 9.0, 2004, 0.26),
    Site("duolun", 116.49, 42.19, 11.0, 2003, 0.28),
    Site("xilinhot", 116.10, 43.95, 10.0, 2005, 0.16),
    Site("abag", 114.95, 44.02, 9.0, 2010, 0.00),
    Site("naiman", 120.65, 42.85, 9.0, 2004, 0.30),
    Site("zhangwu", 122.50, 42.70, 10.0, 2003, 0.18),
    Site("ar-horqin", 119.95, 44.45, 11.0, 2008, 0.14),
    Site("saihanba", 117.32, 42.40, 9.0, 2003, 0.16),
    Site("youyu", 112.47, 39.99, 10.0, 2003, 0.20),
    Site("kekeya", 80.32, 41.30, 10.0, 2004, 0.35),
    Site("dalanzadgad", 104.43, 43.57, 7.0, 2007, 0.20),
    Site("bayanzag", 103.73, 44.14, 8.0, 2010, 0.25),
    Site("lun", 105.25, 47.87, 8.0, 2009, 0.22),
    Site("arvaikheer", 102.78, 46.26, 10.0, 2006, 0.12),
    Site("bayankhongor", 100.72, 46.19, 9.0, 2007, 0.15),
    Site("mandalgovi", 106.27, 45.77, 9.0, 2008, 0.18),
    Site("sainshand", 110.13, 44.90, 9.0, 2011, -0.15),
    Site("choir", 108.60, 46.30, 9.0, 2009, 0.00),
    Site("choibalsan", 114.50, 48.07, 10.0, 2008, 0.12),
    Site("baruun-urt", 113.28, 46.68, 9.0, 2006, 0.15),
    Site("ulaangom", 92.07, 49.98, 8.0, 2008, 0.20),
    Site("khovd", 91.64, 48.01, 8.0, 2009, 0.15),
    Site("balgazyn", 95.20, 51.00, 9.0, 2012, 0.18),
    Site("agin", 114.50, 51.10, 9.0, 2007, 0.15),
    Site("borzya", 116.52, 50.39, 9.0, 2010, 0.00),
    Site("kulunda", 79.72, 51.82, 11.0, 2011, 0.14),
    Site("suan", 126.37, 38.70, 9.0, 2005, 0.18),
    Site("yeongil", 129.33, 36.05, 6.0, 2003, 0.12),
)
