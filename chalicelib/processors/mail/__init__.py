"""Readers of mail: headers, the parts of a message, mailboxes, and Outlook's own format."""
