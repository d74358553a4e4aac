"""How do practices get out and in as files? CSV, XLSX and GeoJSON, without any loss."""
