"""The three origins of data, and how sentences name them."""

ORIGINS = {
    "simulated": "SIMULATED landscape, no observation of any place",
    "offline-files": "own files",
    "earth-engine": "Google Earth Engine",
}
