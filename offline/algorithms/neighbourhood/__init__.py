"""What a pixel takes from those around it: kernels, patches, segments, distances."""
