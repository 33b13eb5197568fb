"""A chat in the browser: what a newcomer sees with no account, and where editors try things out."""
