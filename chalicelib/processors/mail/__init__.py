"""Reading mail: headers, the parts of a message, and Outlook's own format."""
