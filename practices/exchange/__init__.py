"""Practices in files of other programs: CSV, XLSX and GeoJSON, out and in, with nothing lost on the way."""
