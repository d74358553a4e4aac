"""What the page shows of a published region."""

from __future__ import annotations

from typing import TYPE_CHECKING

from practices.database.open import open_database
from practices.database.transactions import reading
from practices.report import uncertainty
from practices.results import by_region, published_views

if TYPE_CHECKING:
    from practices.report.uncertainty import CertaintyStatistic
    from practices.results.by_region import Report


def shown_statistics(url: str, region: str) -> tuple[Report, dict[str, CertaintyStatistic]]:
    """The report of a region in the view that is shown first, and its statistics by name."""
    engine = open_database(url)
    try:
        with reading(engine) as connection:
            view = published_views.choices(connection, region)[0].view
            report = by_region.report(connection, region, view)
            assert report is not None
            return report, {each.name: each for each in uncertainty.statistics(connection, report)}
    finally:
        engine.dispose()
