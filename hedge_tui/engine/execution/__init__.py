"""From an intent to orders at venues: plan, risk, execute, reconcile."""
