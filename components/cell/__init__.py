"""Composition of a cell: which resources there are, with which sizes, and what each is given of the others."""
