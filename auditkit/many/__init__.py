"""Many documents: batches and their tables, rules across them, samples, and other documents."""
