"""tap-intercom-conversations: every Intercom conversation, as Singer messages."""

__version__ = "0.2.0"
