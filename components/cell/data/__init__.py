"""Stores of a cell, each built where the cell may hold its data set."""
