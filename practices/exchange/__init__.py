"""Practices in files of other programs: CSV, XLSX and GeoJSON, out and in, without any loss."""
