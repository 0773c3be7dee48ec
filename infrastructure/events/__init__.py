"""Telling others what changed: the outbox in order, as CloudEvents, to webhooks and streams."""
