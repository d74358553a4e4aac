"""Prefect flows, tasks, settings and the `drylands` command: they run the line and know no science."""
