"""Matcher of orders by price-time priority. The ledger holds its decisions; everything else is a projection of it."""
