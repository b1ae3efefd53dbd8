"""Complex models erode boundaries."""
