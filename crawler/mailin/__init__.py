"""Mails in: newsletters, alerts and notifications become entries. No link in a mail is ever followed."""
