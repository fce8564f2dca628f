"""State folder: journals, locks and the store over them."""
