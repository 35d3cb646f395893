"""The version of auditkit, which papers, results and the wheel name."""

__version__ = "0.1.0"
