"""Components of the program: cell and edge compose what the domains beside them make."""
