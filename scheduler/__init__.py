"""Decides when and for whom: command line, configuration, jobs. Composes the other rooms."""
