"""How does a pixel depend on those around it? Kernels, patches, segments, distances."""
