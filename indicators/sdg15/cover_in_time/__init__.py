"""Which yearly changes of land cover are real, and which are confusion of the classifier?

A hidden Markov model of the class of a pixel (Abercrombie & Friedl 2016, doi:10.1109/TGRS.2015.2463689). Confusion of a
real classifier lasts for years, so the model has a state for it: a *spell*, in which one class is taken for another.
"""

from indicators.sdg15.cover_in_time.filtering import Method, class_probabilities, filtered, rates_of
from indicators.sdg15.cover_in_time.products import PRODUCTS, product_of
from indicators.sdg15.cover_in_time.rates import Rates

__all__ = ["PRODUCTS", "Method", "Rates", "class_probabilities", "filtered", "product_of", "rates_of"]
