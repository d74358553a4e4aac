"""Numbers, strings, lists, arrays and dates."""
