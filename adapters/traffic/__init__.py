"""When requests may leave, and by which way: rate budgets, lanes, bans."""
