"""What people and weather do besides rain and greenness: herds, winters, dust, shrinking lakes, causes of losses.

They follow the landscape's own weather and what is planted, and leave no mark in the vegetation; land cover does not
follow the lakes.
"""
