"""Dialogs over a screen: confirm, panic, help, answers, the passphrase."""
