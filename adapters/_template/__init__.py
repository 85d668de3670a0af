"""The adapter to copy: a venue that is honest about doing nothing yet.

Copy the folder, rename the classes, and replace one answer after another. Each starts as the most
careful true statement ("not connected", "nothing was sent"), so that a half-written adapter can
already run on a desk without harm. An adapter is done when the numbered cards of
`tests/contract/test_data_client.py` and `test_execution_client.py` pass on a bench made of it.
"""
