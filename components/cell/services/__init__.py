"""Services of a cell: IAM rights, egress and environment, as their rows in the catalogue ask."""
