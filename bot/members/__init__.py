"""Who is in the directory: profiles, consents, joining, and the accounts of one person."""
