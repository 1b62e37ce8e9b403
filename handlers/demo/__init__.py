"""The demonstration (演示): the real suggestions of the rolls, each taken its whole way as its actors would, on a set clock.

Real are the rows of `processes/demo/suggestions.csv`; persons, dates that no row states, texts and fates are made up and marked 演示.
It uses the engine's door alone and knows no database.
"""
