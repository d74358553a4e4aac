"""How is land degradation computed? Arrays in, arrays out: no files, no network, no other package of the project."""
