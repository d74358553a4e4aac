"""Images: bands, masks, arithmetic, arrays in pixels, projections."""
