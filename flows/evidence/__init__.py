"""Which effect do practices have, by satellite data of an assessed region?"""
