"""The commands of the command line, one module each: ``run`` takes the options and returns the exit code."""
