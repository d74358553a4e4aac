"""How are numbers, strings, lists, arrays and dates computed?"""
