"""What a token must be allowed to do, in the words of Intercom's Developer Hub."""

from __future__ import annotations

READ_ADMINS = "Read admins"
READ_ADMIN_ACTIVITY_LOGS = "Read admin activity logs"
READ_ARTICLES = "Read and list articles"
READ_CONVERSATIONS = "Read conversations"
READ_PEOPLE = "Read and list users and companies"
READ_TAGS = "Read tags"
READ_TICKETS = "Read tickets"
