"""Matches orders by price and time. What it decides is what the ledger commits; everything else is a projection."""
