"""How are images computed from images? Bands, masks, arithmetic, arrays in pixels, projections."""
