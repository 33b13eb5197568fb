"""Introductions: a member says what they need; coordinators find who can help; both people say yes."""
