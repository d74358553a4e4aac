"""The science: arrays in, arrays out. Nothing here knows files, networks or the other packages."""
