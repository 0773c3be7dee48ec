"""What the orders of the registration API name, and how it goes the way of a harvest."""
