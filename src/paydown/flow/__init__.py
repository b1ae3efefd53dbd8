"""What the names of a cell hold, across cells: abstract values, and the events that rules read."""
