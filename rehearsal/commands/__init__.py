"""Command line of the rehearsal, and its reports."""
