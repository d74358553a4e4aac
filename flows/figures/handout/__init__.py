"""What does an organiser hand out as maps? Styled rasters, a QGIS project, pictures, and a page that opens them."""
