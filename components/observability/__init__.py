"""Topic to which the alarms of a cell are sent."""
