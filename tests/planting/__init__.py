"""Errors planted in clean forms: the forms, the kinds of errors, their clean counterparts."""
