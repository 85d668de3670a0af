"""The console: a viewer in Textual that sends lines and confirmations and holds no key."""
