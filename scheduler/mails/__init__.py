"""What recipients read: texts and pages of mails. Composing knows the news and the reader, not how a mail travels."""
