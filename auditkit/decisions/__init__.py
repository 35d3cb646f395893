"""What auditors decide: the log, the ledger that keeps it, and readings that they corrected."""
