"""The embedded platform: every service on one machine, under one supervisor."""
