"""How does it leave the database? Workbook, CSV, GeoPackage, data package."""
