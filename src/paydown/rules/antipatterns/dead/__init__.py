"""Dead experimental codepaths."""
