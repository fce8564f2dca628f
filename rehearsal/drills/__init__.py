"""Drills: failovers, lost regions and drift, after which every stack is previewed and its plan is judged."""
