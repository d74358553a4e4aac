"""What was observed: the data-set catalogue, composites as Earth Engine expressions, the request layer, cubes."""
