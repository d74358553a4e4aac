"""The lists of the WOCAT questionnaire on technologies (edition 2018): land use, degradation, measures, goals.

Keywords and codes are those of the questionnaire; labels are ours. A record has the `code`; where WOCAT has none, the
keyword is the code.
"""

from __future__ import annotations

from practices.record.vocabulary import coded, keyed

LAND_USE = keyed(
    "land_use",
    "land use",
    "tech_lu_",
    {
        "cropland": "cropland",
        "grazingland": "grazing land",
        "forest": "forest and woodland",
        "mixed": "mixed, such as agroforestry",
        "settlements": "settlements and infrastructure",
        "waterways": "waterways and wetlands",
        "mines": "mines and quarries",
        "unproductive": "unproductive land",
        "other": "other land",
    },
)
DEGRADATION = coded(
    "degradation",
    "degradation",
    "tech_degradation_",
    {
        "water erosion": {
            "Wt": "loss of topsoil by water",
            "Wg": "gully erosion",
            "Wm": "mass movement",
            "Wr": "riverbank erosion",
            "Wc": "coastal erosion",
            "Wo": "off-site effects of water erosion",
        },
        "wind erosion": {
            "Et": "loss of topsoil by wind",
            "Ed": "deflation and deposition by wind",
            "Eo": "off-site effects of wind erosion",
        },
        "chemical": {
            "Cn": "fertility decline",
            "Ca": "acidification",
            "Cp": "soil pollution",
            "Cs": "salinisation and alkalinisation",
        },
        "physical": {
            "Pc": "compaction",
            "Pk": "sealing and crusting of the surface",
            "Pi": "soil sealing by buildings",
            "Pw": "waterlogging",
            "Ps": "subsidence of organic soils",
            "Pu": "loss of bio-productive function",
        },
        "biological": {
            "Bc": "reduction of vegetation cover",
            "Bh": "loss of habitats",
            "Bq": "decline of biomass",
            "Bf": "detrimental fires",
            "Bs": "decline of quality and species",
            "Bl": "loss of soil life",
            "Bp": "increase of pests and diseases",
        },
        "water": {
            "Ha": "aridification",
            "Hs": "change in quantity of surface water",
            "Hg": "change in groundwater level",
            "Hp": "decline of surface water quality",
            "Hq": "decline of groundwater quality",
            "Hw": "loss of wetland buffering",
        },
    },
)
MEASURES = coded(
    "measures",
    "measure",
    "tech_measures_",
    {
        "agronomic": {
            "A1": "vegetation and soil cover",
            "A2": "organic matter and soil fertility",
            "A3": "soil surface treatment",
            "A4": "subsurface treatment",
            "A5": "seed management",
            "A6": "residue management",
            "A7": "other agronomic measures",
        },
        "vegetative": {
            "V1": "tree and shrub cover",
            "V2": "grasses and perennial herbs",
            "V3": "clearing of vegetation",
            "V4": "removal of alien species",
            "V5": "other vegetative measures",
        },
        "structural": {
            "S1": "terraces",
            "S2": "bunds and banks",
            "S3": "graded ditches and channels",
            "S4": "level ditches and pits",
            "S5": "dams and ponds",
            "S6": "walls, barriers and fences",
            "S7": "water supply and irrigation",
            "S8": "sanitation and waste water",
            "S9": "shelters for plants and animals",
            "S10": "energy saving",
            "S11": "other structural measures",
        },
        "management": {
            "M1": "change of land-use type",
            "M2": "change of management or intensity",
            "M3": "layout by natural and human environment",
            "M4": "change in timing of activities",
            "M5": "control of species composition",
            "M6": "waste management",
            "M7": "other management measures",
        },
    },
)
SLM_GROUPS = keyed(
    "slm_groups",
    "group of sustainable land management",
    "tech_slm_group_",
    {
        "forest": "natural and semi-natural forest management",
        "plantation": "forest plantation management",
        "agroforestry": "agroforestry",
        "windbreak": "windbreak and shelterbelt",
        "closure": "area closure",
        "rotational": "rotational systems",
        "pastoralism": "pastoralism and grazing management",
        "croplivestock": "crop and livestock integration",
        "groundcover": "improved ground and vegetation cover",
        "soildisturbance": "minimal soil disturbance",
        "soilfertility": "integrated soil fertility management",
        "crossslope": "cross-slope measures",
        "diseasemanagement": "integrated pest and disease management",
        "varieties": "improved plant varieties and breeds",
        "waterharvesting": "water harvesting",
        "irrigation": "irrigation management",
        "drainage": "water diversion and drainage",
        "surfacewater": "surface water management",
        "groundwater": "groundwater management",
        "wetland": "wetland protection",
        "wastemanagement": "waste management",
        "energy": "energy efficiency",
        "beekeeping": "beekeeping, fish, poultry and small animals",
        "gardens": "home gardens",
        "drr": "ecosystem-based disaster risk reduction",
        "postharvest": "post-harvest measures",
    },
)
GOALS = keyed(
    "goals",
    "goal",
    "",
    {
        "prevent": "prevent land degradation",
        "reduce": "reduce land degradation",
        "rehabilitate": "restore severely degraded land",
        "adapt": "adapt to land degradation",
        "not_applicable": "not applicable",
    },
)
PURPOSES = keyed(
    "purposes",
    "main purpose",
    "",
    {
        "production": "improve production",
        "degradation": "prevent, reduce or restore land degradation",
        "ecosystem": "conserve ecosystems",
        "watershed": "protect a watershed",
        "biodiversity": "preserve or improve biodiversity",
        "disasters": "reduce the risk of disasters",
        "adaptation": "adapt to climate change",
        "mitigation": "mitigate climate change",
        "economic": "create economic benefit",
        "social": "create social benefit",
    },
)
