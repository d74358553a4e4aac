"""What does a run say at its end? The table on the terminal, the markdown report, the table artifact."""

from flows.report.outcome import Outcome
from flows.report.run_report import markdown_report, summary_rows
from flows.report.tables import closing_table, comparison_table
from flows.report.terminal import print_findings, print_outcome

__all__ = [
    "Outcome",
    "closing_table",
    "comparison_table",
    "markdown_report",
    "print_findings",
    "print_outcome",
    "summary_rows",
]
