"""Features: geometries, samples, reductions over regions, painting."""
