"""Pipeline jungles."""
