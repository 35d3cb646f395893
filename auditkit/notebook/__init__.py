"""What an auditor sits at: tables, pages and charts in a notebook, the desk, and workspaces."""
