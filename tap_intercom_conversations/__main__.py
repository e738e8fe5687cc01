"""`python -m tap_intercom_conversations`: the same command as the console script."""

from tap_intercom_conversations.tap import TapIntercomConversations

TapIntercomConversations.cli()
